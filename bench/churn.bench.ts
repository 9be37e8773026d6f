/**
 * Does anything grow without end? Pods come and go for as long as asked, nodes are replaced meanwhile, and heap and memory
 * are read after each tenth of the way, with all garbage collected.
 *
 *   npx node bench/churn.bench.ts [--pods 10000000] [--nodes 5000] [--alive 50000] [-o json]
 */
import { parseArgs } from 'node:util';
import { type ChurnSample, churn } from './churn.ts';

const { values } = parseArgs({
  options: {
    pods: { type: 'string', default: '10000000' },
    nodes: { type: 'string', default: '5000' },
    alive: { type: 'string', default: '50000' },
    output: { type: 'string', short: 'o', default: 'table' },
  },
});
const [pods, nodes, alive] = [values.pods, values.nodes, values.alive].map(Number);
if (![pods, nodes, alive].every((count) => Number.isInteger(count) && count > 0)) {
  process.stderr.write('--pods, --nodes and --alive are whole numbers above 0\n');
  process.exit(2);
}

const head = 'PODS SO FAR   PODS/S   HEAP MB   RESIDENT MB   CLASSES   SCANS   REFUSED';
if (values.output !== 'json') process.stdout.write(`${nodes} nodes, ${alive} pods alive at most\n${head}\n`);
const samples = churn({ pods, nodes, alive, now: () => performance.now(), onSample: print });
if (values.output === 'json') process.stdout.write(`${JSON.stringify({ nodes, alive, samples }, null, 2)}\n`);

function print({ placed, seconds, heapBytes, residentBytes, classes, scans, refused }: ChurnSample): void {
  if (values.output === 'json') return;
  const cells = [
    placed.toLocaleString('en').padStart(11),
    Math.round(pods / 10 / seconds)
      .toLocaleString('en')
      .padStart(9),
    (heapBytes / 1e6).toFixed(1).padStart(10),
    (residentBytes / 1e6).toFixed(1).padStart(14),
    String(classes).padStart(10),
    String(scans).padStart(8),
    String(refused).padStart(10),
  ];
  process.stdout.write(`${cells.join('')}\n`);
}
