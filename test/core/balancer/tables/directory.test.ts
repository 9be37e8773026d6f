/** The directory gives the same words by WebAssembly and without, in the thread that writes and in others. */
import { Worker } from 'node:worker_threads';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { directoryLoad, directoryWords, makeDirectory } from '../../../../core/balancer/tables/directory.ts';

const SERVICES = 40_000;
const module = new URL('../../../../core/balancer/tables/directory.ts', import.meta.url).href;

for (const [name, plain] of [
  ['WebAssembly', false],
  ['Atomics', true],
] as const) {
  test(`directory: by ${name}, a word is what was stored last`, () => {
    const directory = makeDirectory(SERVICES, plain);
    assert.is('buffer' in directory, !plain);
    const words = directoryWords(directory, SERVICES);
    const load = directoryLoad(directory, SERVICES);
    assert.is(words.length, SERVICES);
    for (const service of [0, 1, 16_383, 16_384, SERVICES - 1]) {
      assert.is(load(service), 0);
      Atomics.store(words, service, 1_000_000 + service);
      assert.is(load(service), 1_000_000 + service);
    }
  });

  test(`directory: by ${name}, another thread loads it`, async () => {
    const directory = makeDirectory(SERVICES, plain);
    Atomics.store(directoryWords(directory, SERVICES), 20_000, 77);
    const code = `import('${module}').then(({ directoryLoad }) => {
      const { parentPort, workerData } = require('node:worker_threads');
      parentPort.postMessage(directoryLoad(workerData, ${SERVICES})(20_000));
    });`;
    const worker = new Worker(code, { eval: true, workerData: directory });
    const word = await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
    await worker.terminate();
    assert.is(word, 77);
  });
}

test.run();
