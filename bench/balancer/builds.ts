/** What the writer's work costs: Maglev tables, and a change of one endpoint. */
import { Bench } from 'tinybench';
import { buildMaglev } from '../../core/balancer/policies/maglev-table.ts';
import { BalancerTables } from '../../core/index.ts';
import { makeEndpoints, type Spread, spreadOf } from './spread.ts';

export interface BuildRow {
  what: string;
  ms: Spread;
}

export async function measureBuilds(smoke: boolean): Promise<BuildRow[]> {
  const sizes = [
    [65_537, 100],
    [65_537, 1000],
    [16_381, 100],
    [2039, 20],
  ];
  const bench = new Bench({ time: smoke ? 1 : 1000, iterations: smoke ? 1 : 30, warmup: !smoke, retainSamples: true });
  for (const [size, count] of sizes) {
    const members = makeEndpoints(count).map(({ address }) => ({ key: `${address}:8080`, weight: 1 }));
    const table = new Uint16Array(size);
    bench.add(`Maglev table, ${size} slots, ${count} endpoints`, () => buildMaglev(members, size, table));
  }
  for (const policy of ['random', 'maglev', 'ring-hash']) {
    const tables = new BalancerTables();
    const [all, fewer] = [makeEndpoints(100), makeEndpoints(99)];
    tables.apply('web', { policy, endpoints: all }, 0);
    let changes = 0;
    bench.add(`one of 100 endpoints leaves or joins, ${policy}`, () => {
      changes++;
      tables.apply('web', { policy, endpoints: changes % 2 === 0 ? all : fewer }, changes);
      tables.collect(changes);
    });
  }
  await bench.run();
  return bench.tasks.map(({ name, result }) => {
    if (result.state !== 'completed') throw new Error(`${name}: ${result.state}`);
    return { what: name, ms: spreadOf(result.latency.samples ?? []) };
  });
}
