/**
 * `npm run faults [-- WORD...]`: the faults of nodes and containers in full, one after another, with figures; only those
 * whose name holds a word, if any is given. `npm test` has them in short.
 */
import { startDockerd, type TestDockerd } from '../../../support/dockerd.ts';
import { FaultCluster } from './cluster.ts';
import { diskFull } from './disk-full.ts';
import { engineOutage } from './engine-outage.ts';
import { imageFaults } from './image-faults.ts';
import { keelsonKills } from './keelson-kills.ts';
import { nodeLoss } from './node-loss.ts';
import { outsideKills } from './outside-kills.ts';

interface Report {
  problems: string[];
}

const OUTAGE_MS = 35_000;

const FAULTS: Record<string, () => Promise<Report | undefined>> = {
  'thirty kills of keelson': () => onDocker((dockerd) => keelsonKills(dockerd, { kills: 30, seed: 2 })),
  'containers killed from outside': () => onDocker((dockerd) => outsideKills(dockerd, { backOff: true })),
  'engine away, its containers ended': () =>
    onDocker((dockerd) => engineOutage(dockerd, { liveRestore: false, awayMs: OUTAGE_MS })),
  'engine away, its containers running on': () =>
    onDocker((dockerd) => engineOutage(dockerd, { liveRestore: true, awayMs: OUTAGE_MS }), true),
  'images and registries': () => onDocker((dockerd) => imageFaults(dockerd, { heal: true })),
  'disk full for a minute': () => onDocker((dockerd) => diskFull(dockerd, { megabytes: 32, awayMs: 60_000 })),
  'loss of 300 of 1,000 nodes with 10,000 pods': () =>
    nodeLoss({
      nodes: 1000,
      lost: 300,
      pods: 10_000,
      deployments: 20,
      tolerationSeconds: 5,
      graceMs: 50_000,
      evictionRate: 10,
      seed: 1,
    }),
};

async function onDocker(
  run: (dockerd: TestDockerd) => Promise<Report>,
  liveRestore = false,
): Promise<Report | undefined> {
  const dockerd = await startDockerd({ liveRestore });
  try {
    return dockerd && (await run(dockerd));
  } finally {
    await FaultCluster.endAll();
    await dockerd?.close();
  }
}

const words = process.argv.slice(2);
for (const [name, run] of Object.entries(FAULTS)) {
  if (words.length > 0 && !words.some((word) => name.includes(word))) continue;
  const beganMs = performance.now();
  const report = await run();
  if (!report) continue;
  const { problems, ...figures } = report;
  console.log(`${name}: ${JSON.stringify(figures)}, ${((performance.now() - beganMs) / 1000).toFixed(0)} s`);
  for (const problem of problems) console.log(`    ${problem}`);
  if (problems.length > 0) process.exitCode = 1;
}
