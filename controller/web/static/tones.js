// What a result sounds like.

let sound = null;

/** good, odd or bad: told apart without looking. */
export function beep(tone) {
  try {
    sound ??= new AudioContext();
    const notes = { good: [880], odd: [660, 660], bad: [220, 220] }[tone];
    notes.forEach((pitch, index) => note(pitch, sound.currentTime + index * 0.18));
  } catch {
    // A machine without sound still shows the result.
  }
}

function note(pitch, at) {
  const [tone, loudness] = [sound.createOscillator(), sound.createGain()];
  tone.frequency.value = pitch;
  loudness.gain.setValueAtTime(0.15, at);
  loudness.gain.exponentialRampToValueAtTime(0.001, at + 0.14);
  tone.connect(loudness).connect(sound.destination);
  tone.start(at);
  tone.stop(at + 0.15);
}

/** Does the browser keep us silent until somebody has touched the page? */
export function isSilenced() {
  try {
    sound ??= new AudioContext();
    return sound.state === "suspended";
  } catch {
    return false;
  }
}

/** To be called from a touch or a key. */
export function allowSound() {
  try {
    sound ??= new AudioContext();
    void sound.resume();
  } catch {
    // A machine without sound still shows the result.
  }
}
