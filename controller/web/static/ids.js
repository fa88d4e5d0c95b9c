/** An id that makes a repeated request find what the first one did. */
export function freshId() {
  // Not randomUUID: a phone that comes by plain HTTP does not have it.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
