/**
 * What the library face costs, and a plugin from outside: plain pods one by one through createScheduler, with and without
 * a plugin beside the built-in ones, decided by engine and scan.
 *
 *   npx node bench/library.bench.ts [--nodes N] [--pods N] [--runs N]
 */
import { parseArgs } from 'node:util';
import { createScheduler, defaultProfile, type PackedPlugin, type PluggedProfile, withPlugin } from '../core/index.ts';
import { makeNode, makePod, SEED } from './world.ts';

type Plugin = PackedPlugin<Int32Array, Int32Array>;

/** Filters and scores by a label, as the example in README.md does. */
const local: Plugin = {
  name: 'Local',
  scope: 'local',
  classKey: ({ metadata }) => metadata.annotations?.critical ?? '',
  preFilter: (_pod, { cluster }) => cluster.labelColumn('spot').ids,
  filter(spot, { pod }, _view, from, to, rejectedBy, self) {
    if (!pod.metadata.annotations?.critical) return;
    for (let n = from; n < to; n++) if (spot[n] !== 0) rejectedBy[n] ||= self;
  },
  preScore: (_pod, { cluster }) => cluster.labelColumn('spot').ids,
  score(spot, _pod, _view, feasible, scores) {
    for (let k = 0; k < scores.length; k++) scores[k] = spot[feasible[k]] === 0 ? 0 : 100;
  },
};

const plain = defaultProfile();
interface Row {
  name: string;
  decider: 'engine' | 'scan';
  profile: PluggedProfile;
  checked?: boolean;
  /** The plugin's filter refuses a tenth of the nodes. */
  critical?: boolean;
}

const rows: Row[] = [
  { name: 'engine, built-in plugins', decider: 'engine', profile: plain },
  { name: 'engine, and a local one', decider: 'engine', profile: withPlugin(plain, local) },
  { name: 'engine, pods checked and completed', decider: 'engine', profile: plain, checked: true },
  { name: 'scan, built-in plugins', decider: 'scan', profile: plain },
  { name: 'scan, and a local one', decider: 'scan', profile: withPlugin(plain, local) },
  { name: 'scan, a tenth refused by it', decider: 'scan', profile: withPlugin(plain, local), critical: true },
  {
    name: 'engine, and a shared one',
    decider: 'engine',
    profile: withPlugin(plain, { ...local, name: 'Shared', scope: 'shared' }),
  },
];

const { values } = parseArgs({
  options: {
    nodes: { type: 'string', default: '5000' },
    pods: { type: 'string', default: '50000' },
    runs: { type: 'string', default: '5' },
  },
});
const nodes = Array.from({ length: Number(values.nodes) }, (_, i) => withSpot(makeNode(i), i));
console.log(`Node ${process.versions.node}, ${nodes.length} nodes, tie rule order, one thread`);
for (const { name, decider, profile, checked = false, critical = false } of rows) {
  // Long enough to be warm, short enough to wait for.
  const share = name.includes('shared') ? 50 : decider === 'scan' ? 10 : 1;
  const count = Math.ceil(Number(values.pods) / share);
  const rates: number[] = [];
  let scans = '';
  for (let run = -1; run < Number(values.runs); run++) {
    const options = { nodes, profiles: [profile], decider, seed: SEED, validate: checked, defaults: checked };
    const scheduler = createScheduler(options);
    const { metadata, ...rest } = makePod('plain', 'sched-1', 'pod'); // As one controller stamps them: one spec for all.
    const pods = Array.from({ length: count }, (_, i) => ({
      ...rest,
      metadata: { ...metadata, name: `pod-${i}`, uid: `${i}`, ...(critical && { annotations: { critical: 'yes' } }) },
    }));
    const startedMs = performance.now();
    let placed = 0;
    for (const pod of pods) if (scheduler.schedule(pod).host !== undefined) placed++;
    const tookMs = performance.now() - startedMs;
    if (placed !== count) throw new Error(`${placed} of ${count} pods placed`);
    if (run >= 0) rates.push((1000 * count) / tookMs); // The first one warms up.
    scans = [...scheduler.scans].map(([reason, times]) => `${reason}: ${times}`).join(', ');
  }
  rates.sort((a, b) => a - b);
  const [least, median, most] = [rates[0], rates[rates.length >> 1], rates[rates.length - 1]].map((rate) =>
    rate.toFixed(0),
  );
  console.log(`${name.padEnd(36)}${median.padStart(10)} pods/s (${least} to ${most})  ${scans && `scans: ${scans}`}`);
}

function withSpot(node: ReturnType<typeof makeNode>, i: number): ReturnType<typeof makeNode> {
  const { metadata } = node;
  return {
    ...node,
    metadata: { ...metadata, labels: i % 10 === 0 ? { ...metadata.labels, spot: 'yes' } : metadata.labels },
  };
}
