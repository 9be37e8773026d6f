/** What happens to a cluster over time, as plain data. */
import type { KubeObject, ServedKind } from '../../../core/index.ts';
import type { PodTimes } from '../world/pod-life.ts';

export interface Scenario {
  durationMs: number;
  times: PodTimes;
  /** In order of time; of equal times as they were written. */
  events: readonly ScenarioEvent[];
}

export interface ScenarioEvent {
  /** Since the beginning. */
  atMs: number;
  /** As a person would say it: 'drain node a-1'. */
  text: string;
  happening: Happening;
}

/** Nodes by name, by zone or by label, all that are asked for together; of more than `count`, some drawn from the seed. */
export interface NodeChoice {
  names?: readonly string[];
  zone?: string;
  labels?: Readonly<Record<string, string>>;
  count?: number;
}

/** 'ns/name'; all there are then, without. */
export type DeploymentChoice = readonly string[] | 'all';

export interface DrainOptions {
  /** Pods that nothing makes anew go too. */
  force: boolean;
  ignoreDaemonSets: boolean;
  deleteEmptyDirData: boolean;
  /** Instead of each pod's own. */
  timeoutMs?: number;
}

export type Happening =
  | { do: 'apply'; objects: readonly KubeObject[] }
  | { do: 'delete'; kind: ServedKind; namespace: string; name: string }
  /** The machines have no power; after `forMs` they have. */
  | { do: 'fail'; nodes: NodeChoice; forMs?: number }
  | { do: 'restore'; nodes: NodeChoice }
  | { do: 'drain'; nodes: NodeChoice; options: DrainOptions }
  | { do: 'cordon' | 'uncordon'; nodes: NodeChoice }
  | { do: 'scale'; deployments: DeploymentChoice; replicas: number }
  /** As `kubectl set image`; of every container without a name. */
  | { do: 'set-image'; deployments: DeploymentChoice; container?: string; image: string }
  /** As `kubectl rollout restart`. */
  | { do: 'roll'; deployments: DeploymentChoice }
  /** The containers of pods end: of one pod, or of some of a Deployment's, drawn from the seed. */
  | { do: 'crash'; pod?: string; deployment?: string; count: number; exitCode: number }
  /** A part of the control plane is down, and starts again without memory. */
  | { do: 'outage'; of: 'controllers' | 'scheduler'; forMs: number };

export const DEFAULT_DURATION_MS = 30 * 60_000;
export const LONGEST_MS = 7 * 24 * 3_600_000;
export const MOST_EVENTS = 10_000;
export const MOST_REPLICAS = 100_000;
