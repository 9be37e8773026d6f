/** The words of the directory are the same by WebAssembly and without, in the thread that writes and in others. */
import { Worker } from 'node:worker_threads';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { atomicLoad, bufferOf, makeMemory } from '../../../../core/balancer/tables/memory.ts';

const AT = 64;
const WORDS = 40_000;
const module = new URL('../../../../core/balancer/tables/memory.ts', import.meta.url).href;

for (const [name, plain] of [
  ['WebAssembly', false],
  ['Atomics', true],
] as const) {
  test(`memory: by ${name}, a word is what was stored last`, () => {
    const memory = makeMemory(AT + 4 * WORDS, plain);
    assert.is('buffer' in memory, !plain);
    const words = new Int32Array(bufferOf(memory), AT, WORDS);
    const load = atomicLoad(memory, AT, WORDS);
    for (const index of [0, 1, 16_383, 16_384, WORDS - 1]) {
      assert.is(load(index), 0);
      Atomics.store(words, index, 1_000_000 + index);
      assert.is(load(index), 1_000_000 + index);
    }
  });

  test(`memory: by ${name}, another thread loads it`, async () => {
    const memory = makeMemory(AT + 4 * WORDS, plain);
    Atomics.store(new Int32Array(bufferOf(memory), AT, WORDS), 20_000, 77);
    const code = `import('${module}').then(({ atomicLoad }) => {
      const { parentPort, workerData } = require('node:worker_threads');
      parentPort.postMessage(atomicLoad(workerData, ${AT}, ${WORDS})(20_000));
    });`;
    const worker = new Worker(code, { eval: true, workerData: memory });
    const word = await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
    await worker.terminate();
    assert.is(word, 77);
  });
}

test('memory: what WebAssembly cannot address is plain', () => {
  assert.is('buffer' in makeMemory(2 ** 32), true);
  assert.is('buffer' in makeMemory(2 ** 32 + 1), false);
});

test.run();
