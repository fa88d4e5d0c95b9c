"use strict";
// The least MQTT 3.1.1 over a WebSocket that a page needs in order to listen: CONNECT, SUBSCRIBE at
// QoS 1, PUBLISH with its PUBACK, PINGREQ. What arrives is given to `hear(topic, text)`.

const CONNACK = 2, PUBLISH = 3;
const PING_SECONDS = 8, KEEPALIVE_SECONDS = 10;

function listen({ url, user, password, topics }, hear) {
  const socket = new WebSocket(url, "mqtt");
  let received = new Uint8Array();
  socket.binaryType = "arraybuffer";
  socket.onopen = () => socket.send(connect(user, password));
  socket.onmessage = ({ data }) => {
    received = joined([received, new Uint8Array(data)]);
    for (let whole; (whole = firstPacket(received)); received = received.subarray(whole.end)) {
      if (whole.kind === CONNACK) {
        socket.send(subscribe(topics));
        setInterval(() => socket.send(packet(0xc0, [])), PING_SECONDS * 1000);
      } else if (whole.kind === PUBLISH) {
        take(whole, socket, hear);
      }
    }
  };
}

function take({ flags, body }, socket, hear) {
  const [topic, rest] = splitText(body);
  const acknowledged = (flags & 6) !== 0;
  if (acknowledged) socket.send(packet(0x40, [rest.subarray(0, 2)]));
  hear(topic, new TextDecoder().decode(acknowledged ? rest.subarray(2) : rest));
}

function connect(user, password) {
  const signedIn = 0xc2; // a name, a password, a clean session
  const head = [...text("MQTT"), 4, signedIn, 0, KEEPALIVE_SECONDS];
  return packet(0x10, [head, text(user), text(user), text(password)]);
}

function subscribe(topics) {
  return packet(0x82, [[0, 1], ...topics.map(topic => [...text(topic), 1])]);
}

function packet(first, parts) {
  const body = joined(parts);
  const length = [];
  let left = body.length;
  do {
    length.push(left % 128 + (left > 127 ? 128 : 0));
    left = Math.floor(left / 128);
  } while (left);
  return joined([[first], length, body]);
}

// The packet that `bytes` begin with, and where it ends; null while some of it is still to come.
function firstPacket(bytes) {
  let length = 0, at = 1, byte;
  do {
    if (at >= bytes.length) return null;
    byte = bytes[at];
    length += (byte & 127) * 128 ** (at - 1);
    at += 1;
  } while (byte & 128);
  if (bytes.length < at + length) return null;
  const end = at + length;
  return { kind: bytes[0] >> 4, flags: bytes[0] & 15, body: bytes.subarray(at, end), end };
}

function text(string) {
  const bytes = new TextEncoder().encode(string);
  return [bytes.length >> 8, bytes.length & 255, ...bytes];
}

function splitText(bytes) {
  const end = 2 + bytes[0] * 256 + bytes[1];
  return [new TextDecoder().decode(bytes.subarray(2, end)), bytes.subarray(end)];
}

function joined(parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
