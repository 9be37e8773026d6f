/** A decision on one incoming pod, in the shape in which kube-scheduler's answers were recorded. */
import {
  argmax,
  type Cycle,
  type Decision,
  diagnose,
  type Inspection,
  inspect,
  namespaceOf,
  type Pod,
  preemptionReport,
  type Rejection,
  type Scores,
} from '../../core/index.ts';
import type { DecisionCase } from './case.ts';
import { gatedBy, NOW_MS, type World } from './world.ts';

interface Status {
  plugin?: string;
  code: string;
  reasons: string[];
}

/** Fields that do not apply are absent. */
export interface Answer {
  result: 'scheduled' | 'unschedulable' | 'error' | 'gated';
  /** Who gates the pod. */
  plugin?: string;
  host?: string;
  /** The nodes were narrowed by a PreFilter: another node of `argmax` would be as right as `host`. */
  hostIsOneOfArgmax?: true;
  nodeOrder?: string[];
  preFilter?: Status;
  preFilterNodes?: string[];
  filter?: Record<string, Status>;
  scores?: { plugins: string[]; weights: number[]; nodes: Record<string, number[]> };
  argmax?: string[];
  scoreError?: Status;
  evaluated?: number;
  feasible?: number;
  message?: string;
  unschedulablePlugins?: string[];
  nominated?: boolean;
  preemption?: PreemptionAnswer;
}

export interface PreemptionAnswer {
  eligible: boolean;
  why?: string;
  potentialNodes?: string[];
  candidates?: Record<string, { victims: string[]; pdbViolations: number }>;
  rejected?: Record<string, Status>;
  bestAnyOf: string[];
}

export function answerDecision(world: World, { pod }: DecisionCase): Answer {
  const plugin = gatedBy(pod, world.profiles);
  if (plugin !== undefined) return { result: 'gated', plugin };
  const cycle = world.decider.begin(pod);
  const inspection = inspect(cycle);
  const report = {
    nodeOrder: Array.from(cycle.order, (n) => cycle.nodeName(n)),
    ...reportFilters(cycle, inspection),
    ...reportScores(cycle, inspection),
    ...reportPreemption(world, cycle, inspection),
  };
  return { ...decided(world.scheduler.schedule(pod), report, inspection), ...report };
}

export function victimName(pod: Pod): string {
  return `${namespaceOf(pod)}/${pod.metadata.name}`;
}

function decided(decision: Decision, report: Partial<Answer>, { scoreError }: Inspection): Answer {
  const { result, host, evaluated, feasible, message, preemption, unschedulablePlugins } = decision;
  if (result === 'scheduled') {
    const anyOf = report.preFilterNodes && report.argmax && feasible > 1;
    return { result, host, ...(anyOf ? { hostIsOneOfArgmax: true } : {}), evaluated, feasible };
  }
  if (result === 'error') {
    const reasons = [scoreError?.message ?? message ?? ''];
    return { result, message, ...(scoreError ? { scoreError: { code: 'Error', reasons } } : {}) };
  }
  if (report.nodeOrder?.length === 0) return { result, message };
  const nominated = preemption?.eligible ? { nominated: preemption.nominatedNode !== undefined } : {};
  return { result, message, unschedulablePlugins: [...unschedulablePlugins], ...nominated };
}

/** Every node that fails, and why; asked of all nodes, also when a nominated node made that needless. */
function reportFilters(cycle: Cycle, { rejections }: Inspection): Partial<Answer> {
  const { rejection, error, nodeNames } = cycle.preFilter;
  if (rejection) return { preFilter: statusOf(rejection) };
  if (error) return {};
  const filter: Record<string, Status> = {};
  for (const [n, status] of rejections) filter[cycle.nodeName(n)] = statusOf(status);
  return { ...(nodeNames ? { preFilterNodes: [...nodeNames].sort() } : {}), filter };
}

function reportScores(cycle: Cycle, { feasible, scores }: Inspection): Partial<Answer> {
  if (!scores) return {};
  const names = feasible.map((n) => cycle.nodeName(n));
  return { scores: scoresByNode(names, scores), argmax: argmax(scores.totals).map((k) => names[k]) };
}

function scoresByNode(names: string[], { plugins, weights, normalized, totals }: Scores): Answer['scores'] {
  const nodes: Record<string, number[]> = {};
  names.forEach((name, k) => {
    nodes[name] = [...normalized.map((scores) => scores[k]), totals[k]];
  });
  return { plugins: [...plugins], weights: [...weights], nodes };
}

/** For a pod that no node takes; kube-scheduler was asked for all nodes, beyond any limit on candidates. */
function reportPreemption({ listers }: World, cycle: Cycle, { feasible }: Inspection): Partial<Answer> {
  if (feasible.length > 0 || cycle.order.length === 0 || cycle.preFilter.error) return {};
  const { nominatedNodeName } = cycle.pod.status ?? {};
  const diagnosis = diagnose(cycle, nominatedNodeName ? cycle.nodeIndex(nominatedNodeName) : -1);
  const report = preemptionReport(cycle, diagnosis, listers.all('PodDisruptionBudget'), NOW_MS);
  const { eligible, why, potentialNodes, candidates, rejected, bestAnyOf } = report;
  if (!potentialNodes) return { preemption: { eligible, why, bestAnyOf } };
  if (potentialNodes.length === 0) return { preemption: { eligible, potentialNodes, bestAnyOf } };
  const tried = {
    candidates: Object.fromEntries(
      candidates.map(({ nodeName, victims, pdbViolations }) => [
        nodeName,
        { victims: victims.map(victimName), pdbViolations },
      ]),
    ),
    rejected: Object.fromEntries([...rejected].map(([nodeName, status]) => [nodeName, statusOf(status)])),
  };
  return { preemption: { eligible, potentialNodes, ...tried, bestAnyOf } };
}

/** Reasons are sorted, as recorded: the real order of extended resources is random. */
function statusOf({ plugin, code, reasons }: Status | Rejection): Status {
  return { ...(plugin === undefined ? {} : { plugin }), code, reasons: [...reasons].sort() };
}
