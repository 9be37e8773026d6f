/** A cluster in use, for benchmarks of its state: nodes in three zones, and pods of many makes that run on them. */
import type { Node, Pod } from '../core/index.ts';
import { makeNode, makePod } from './world.ts';

export interface ClusterSize {
  nodes: number;
  pods: number;
}

/** Deployments, in seven namespaces; pod i is of make i mod MAKES, on node i mod nodes. */
const MAKES = 50;
const NAMESPACES = 7;
const ZONES = ['moon-1', 'moon-2', 'moon-3'];
const STARTED_MS = Date.UTC(2026, 0, 1);
/** So many pods start at different seconds. */
const START_SECONDS = 40_000;

export function nodesOf({ nodes }: ClusterSize): Node[] {
  return Array.from({ length: nodes }, (_, i) => makeNode(i, ZONES));
}

/** Each an object of its own, as a list from an API server would give them. */
export function runningPods({ nodes, pods }: ClusterSize): Pod[] {
  return Array.from({ length: pods }, (_, i) => {
    const make = i % MAKES;
    const pod = makePod(
      'plain',
      `team-${make % NAMESPACES}`,
      `app-${make}-7d4b9c6f58-${(i + 60_466_176).toString(36)}`,
      make,
    );
    // Joined: in one piece, as a decoder leaves it (world.ts).
    const uid = ['8f14e45f-ceea-467f-a8b1', String(i).padStart(12, '0')].join('-');
    const metadata = { ...pod.metadata, uid, labels: { app: `app-${make}`, 'pod-template-hash': '7d4b9c6f58' } };
    const startTime = new Date(STARTED_MS + 1000 * (i % START_SECONDS)).toISOString();
    return {
      ...pod,
      metadata,
      spec: { ...pod.spec, nodeName: `node-${i % nodes}` },
      status: { phase: 'Running', startTime },
    };
  });
}
