// Writes a screenshot as an indexed PNG of at most 256 colours, small enough to keep beside the text.

import { deflateSync } from "node:zlib";

const TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k += 1) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c >>> 0;
});

function crc(bytes) {
  let c = 0xffffffff;
  for (const b of bytes) c = TABLE[(c ^ b) & 0xff] ^ (c >>> 8);
  return (c ^ 0xffffffff) >>> 0;
}

function chunk(name, body) {
  const framed = Buffer.concat([Buffer.from(name, "latin1"), body]);
  const out = Buffer.alloc(framed.length + 8);
  out.writeUInt32BE(body.length, 0);
  framed.copy(out, 4);
  out.writeUInt32BE(crc(framed), framed.length + 4);
  return out;
}

/** Pixels of a PNG, decoded by an empty page of the browser. */
async function pixels(chrome, png) {
  const page = await chrome.newPage();
  const { text, width, height } = await page.evaluate(async (base64) => {
    const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
    const bitmap = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
    const pen = canvas.getContext("2d");
    pen.drawImage(bitmap, 0, 0);
    const { data } = pen.getImageData(0, 0, bitmap.width, bitmap.height);
    let text = "";
    for (let i = 0; i < data.length; i += 32768) text += String.fromCharCode(...data.subarray(i, i + 32768));
    return { text: btoa(text), width: bitmap.width, height: bitmap.height };
  }, Buffer.from(png).toString("base64"));
  await page.close();
  return { data: Buffer.from(text, "base64"), width, height };
}

/** The commonest colours of 5 bits a channel, each with the mean of what it stands for. */
function palette(data) {
  const sums = new Map();
  for (let i = 0; i < data.length; i += 4) {
    const key = ((data[i] >> 3) << 10) | ((data[i + 1] >> 3) << 5) | (data[i + 2] >> 3);
    const s = sums.get(key) ?? [0, 0, 0, 0];
    for (let c = 0; c < 3; c += 1) s[c] += data[i + c];
    s[3] += 1;
    sums.set(key, s);
  }
  const ranked = [...sums].sort((a, b) => b[1][3] - a[1][3]);
  const colours = ranked.slice(0, 256).map(([, s]) => [0, 1, 2].map((c) => Math.round(s[c] / s[3])));
  const index = new Map(ranked.slice(0, 256).map(([key], i) => [key, i]));
  for (const [key, s] of ranked.slice(256)) {
    let [best, least] = [0, Infinity];
    colours.forEach((colour, i) => {
      const d = [0, 1, 2].reduce((sum, c) => sum + (colour[c] - s[c] / s[3]) ** 2, 0);
      if (d < least) [best, least] = [i, d];
    });
    index.set(key, best);
  }
  return { colours, index };
}

/** A PNG of at most 256 colours from a PNG of any. */
export async function indexed(chrome, png) {
  const { data, width, height } = await pixels(chrome, png);
  const { colours, index } = palette(data);
  const rows = Buffer.alloc((width + 1) * height);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const i = 4 * (y * width + x);
      rows[y * (width + 1) + 1 + x] = index.get(((data[i] >> 3) << 10) | ((data[i + 1] >> 3) << 5) | (data[i + 2] >> 3));
    }
  }
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 3, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([signature, chunk("IHDR", head), chunk("PLTE", Buffer.from(colours.flat())), chunk("IDAT", deflateSync(rows, { level: 9 })), chunk("IEND", Buffer.alloc(0))]);
}
