/**
 * `node test/runtime/api/fuzz/main.ts --requests 100000 --seed 1 [--whole]`: requests that are nearly right against an API server
 * (or a whole cluster), and what came of them: answers by code, faults of the server, and the heap before and after.
 */
import { parseArgs } from 'node:util';
import { fuzz } from './fuzz.ts';

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '5000' },
    seed: { type: 'string', default: '1' },
    whole: { type: 'boolean', default: false },
  },
});
const found = await fuzz({ requests: Number(values.requests), seed: Number(values.seed), whole: values.whole });
for (const { request, why } of found.faults) console.log(`${request}\n    ${why}`);
console.log(`answers by code: ${JSON.stringify(found.codes)}`);
console.log(`heap after a third ${found.heapBefore} MB, at the end ${found.heapAfter} MB`);
console.log(`${Number(values.requests)} requests, ${found.faults.length} faults`);
process.exitCode = found.faults.length > 0 ? 1 : 0;
