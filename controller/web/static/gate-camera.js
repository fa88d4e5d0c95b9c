// A phone's or a tablet's camera as a scanner: small pictures are sent to the gate, which reads them.

import { freshId } from "./ids.js";
import { direction, on, show, words } from "./gate.js";

const EVERY = 250; // ms between two pictures
const WIDEST = 960; // pixels: enough for a pass that fills a third of the picture
const byId = (id) => document.getElementById(id);
const button = document.querySelector("#camera [data-do=camera]");
const eye = byId("eye");
const canvas = document.createElement("canvas");

let stream = null;
let timer = 0;

on("camera", () => (stream ? close() : open()));
addEventListener("pagehide", close);
document.addEventListener("visibilitychange", () => document.hidden && close());

function say(text) {
  byId("camera-said").textContent = text;
}

async function open() {
  // Browsers hide the camera from pages that came by plain HTTP from another machine.
  if (!window.isSecureContext || !navigator.mediaDevices) return say(words.camera_needs_https);
  try {
    stream = await navigator.mediaDevices.getUserMedia({
      video: { facingMode: "environment", width: { ideal: 1280 } },
    });
  } catch (problem) {
    return say(problem.name === "NotAllowedError" ? words.camera_denied : words.camera_none);
  }
  eye.srcObject = stream;
  eye.hidden = false;
  await eye.play();
  button.textContent = words.camera_off;
  say(words.camera_looking);
  timer = setTimeout(look, EVERY);
}

function close() {
  clearTimeout(timer);
  for (const track of stream?.getTracks() ?? []) track.stop();
  stream = null;
  eye.srcObject = null;
  eye.hidden = true;
  button.textContent = words.camera_on;
  say("");
}

/** One picture after the other, never two at once. */
async function look() {
  const picture = await taken();
  try {
    if (picture) await send(picture);
  } catch {
    // The line that is lost is said elsewhere; the next picture follows.
  }
  if (stream) timer = setTimeout(look, EVERY);
}

function taken() {
  if (!eye.videoWidth) return null;
  const scale = Math.min(1, WIDEST / eye.videoWidth);
  canvas.width = Math.round(eye.videoWidth * scale);
  canvas.height = Math.round(eye.videoHeight * scale);
  canvas.getContext("2d").drawImage(eye, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.8));
}

async function send(picture) {
  const way = direction();
  const path = `/api/frames?id=${freshId()}${way ? `&direction=${way}` : ""}`;
  const response = await fetch(path, {
    method: "POST",
    headers: { "content-type": "image/jpeg" },
    body: picture,
    signal: AbortSignal.timeout(5_000),
  });
  if (response.status === 401) location.assign("/signin");
  if (response.status === 200) show(await response.json());
}
