/**
 * How fast a service is simulated: requests a second under each policy, one thread; making the requests is not counted.
 *
 *   npx node bench/service.bench.ts [--requests N] [--servers N] [--runs N] [--policy NAME]
 */
import { parseArgs } from 'node:util';
import { parseService } from '../sim/service/arguments.ts';
import { makeRequests } from '../sim/service/requests.ts';
import { runService } from '../sim/service/run.ts';

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '1000000' },
    servers: { type: 'string', default: '100' },
    runs: { type: 'string', default: '5' },
    policy: { type: 'string', default: 'all' },
  },
});
const { requests: count, servers, policy } = values;
const asked = { requests: count, servers, policy, concurrency: '1', 'service-time': 'exp:10ms', seeds: '42' };
const { scenario, policies } = parseService(asked, (name) => name);
const requests = makeRequests(scenario, 42);
console.log(`Node ${process.versions.node}, ${requests.count} requests, ${servers} servers, 70 % loaded, one thread`);
for (const one of policies) {
  const rates: number[] = [];
  let hash = '';
  for (let run = -1; run < Number(values.runs); run++) {
    const startedMs = performance.now();
    const result = runService(scenario, one, 42, requests);
    if (run >= 0) rates.push(requests.count / 1000 / (performance.now() - startedMs)); // The first one warms up.
    if (hash !== '' && hash !== result.hash) throw new Error(`${one.label}: the same input gave another run`);
    hash = result.hash;
  }
  rates.sort((a, b) => a - b);
  const [least, median, most] = [rates[0], rates[rates.length >> 1], rates[rates.length - 1]].map((r) => r.toFixed(2));
  console.log(`${one.label.padEnd(24)}${median} million requests/s (${least} to ${most})  ${hash.slice(0, 12)}`);
}
