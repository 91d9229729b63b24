// Runs ONNX files with ONNX Runtime, for bench_peers.py: reads a command a line from standard input,
// answers each with a line.
//   load FILE THREADS N   a network for N images of 3x224x224; answers "ok"
//   output IN OUT         one run, raw little-endian f32 files; answers "ok"
//   time SECONDS          answers the median milliseconds of a run
const fs = require("fs");
const readline = require("readline");
const ort = require(process.argv[2] + "/node_modules/onnxruntime-node");

let session, feeds, shape;

async function load(file, threads, n) {
  session = await ort.InferenceSession.create(file, {
    executionProviders: ["cpu"], graphOptimizationLevel: "all", executionMode: "sequential",
    intraOpNumThreads: Number(threads), interOpNumThreads: 1,
  });
  shape = [Number(n), 3, 224, 224];
  const values = Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => Math.random() - 0.5);
  feeds = { input: new ort.Tensor("float32", values, shape) };
  return "ok";
}

async function output(input, target) {
  const bytes = fs.readFileSync(input);
  const values = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  const results = await session.run({ input: new ort.Tensor("float32", values, shape) });
  const data = results[session.outputNames[0]].data;
  fs.writeFileSync(target, Buffer.from(data.buffer, data.byteOffset, data.byteLength));
  return "ok";
}

async function time(seconds) {
  await session.run(feeds);
  const times = [];
  const begin = process.hrtime.bigint();
  while (times.length < 3 || Number(process.hrtime.bigint() - begin) < Number(seconds) * 1e9) {
    const start = process.hrtime.bigint();
    await session.run(feeds);
    times.push(Number(process.hrtime.bigint() - start) * 1e-6);
  }
  times.sort((a, b) => a - b);
  return times[times.length >> 1];
}

const commands = { load, output, time };
(async () => {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const [name, ...words] = line.split(" ");
    console.log(String(await commands[name](...words)));
  }
})();
