/** Carries out what a scenario says, as its users and accidents would. */
import {
  DEPLOYMENTS,
  type Deployment,
  hashText,
  type KubeObject,
  keyOf,
  NODES,
  PODS,
  type Pod,
  REPLICA_SETS,
} from '../../../core/index.ts';
import type { DecisionLog } from '../record/decision-log.ts';
import type { DeploymentChoice, Happening, NodeChoice, ScenarioEvent } from '../scenario/scenario.ts';
import { isChosen } from '../scenario/verbs.ts';
import type { Agenda } from './agenda.ts';
import type { MadeUpApi } from './api.ts';
import type { MadeUpControllers } from './controllers.ts';
import { Drain, type Drained, setUnschedulable } from './drain.ts';
import type { MadeUpKubelets } from './kubelets.ts';
import type { MadeUpScheduling } from './scheduling.ts';
import { timeText } from './time-text.ts';

const BY = 'scenario';

export interface HappeningParts {
  agenda: Agenda;
  api: MadeUpApi;
  seed: number;
  kubelets: MadeUpKubelets;
  controllers: MadeUpControllers;
  scheduling: MadeUpScheduling;
  log: DecisionLog;
  evicted(pod: Pod): void;
  /** A node has lost its power, or has it again. */
  nodeTurned(node: string): void;
}

/** What became of an event. */
export interface EventOutcome {
  atMs: number;
  text: string;
  /** Nodes that it was about. */
  nodes?: string[];
  drained?: Drained & { endedMs: number };
  /** Why nothing, or not all, came of it. */
  problem?: string;
}

export class Happenings {
  readonly outcomes: EventOutcome[] = [];
  readonly #parts: HappeningParts;
  readonly #startMs: number;
  readonly #draining = new Set<EventOutcome>();
  readonly #downUntilMs = { controllers: 0, scheduler: 0 };

  constructor(parts: HappeningParts, startMs: number) {
    this.#parts = parts;
    this.#startMs = startMs;
  }

  plan(events: readonly ScenarioEvent[]): void {
    for (const event of events) this.#parts.agenda.at(this.#startMs + event.atMs, () => this.#carryOut(event));
  }

  /** The time is over: what is still under way says so. */
  end(): void {
    for (const outcome of this.#draining) outcome.problem = 'it is not done at the end';
  }

  #carryOut({ atMs, text, happening }: ScenarioEvent): void {
    const outcome: EventOutcome = { atMs, text };
    this.outcomes.push(outcome);
    this.#parts.log.add(BY, 'cluster', happening.do, text);
    this.#do(happening, outcome);
    if (outcome.problem !== undefined) this.#parts.log.add(BY, 'cluster', 'Failed', outcome.problem);
  }

  #do(happening: Happening, outcome: EventOutcome): void {
    switch (happening.do) {
      case 'apply':
        for (const object of happening.objects) this.#apply(object, outcome);
        return;
      case 'delete':
        this.#delete(happening, outcome);
        return;
      case 'scale':
        this.#change(happening.deployments, outcome, (spec) => ({ ...spec, replicas: happening.replicas }));
        return;
      case 'set-image':
        this.#change(happening.deployments, outcome, (spec) => withImage(spec, happening.image, happening.container));
        return;
      case 'roll':
        this.#change(happening.deployments, outcome, (spec) => restarted(spec, timeText(this.#parts.agenda.nowMs)));
        return;
      case 'crash':
        this.#crash(happening, outcome);
        return;
      case 'outage':
        this.#outage(happening.of, happening.forMs);
        return;
      default:
        this.#toNodes(happening, outcome);
    }
  }

  // --- objects -------------------------------------------------------------------------------------------------------

  /** As `kubectl apply`: created, or its metadata and spec replaced. */
  #apply(object: KubeObject, outcome: EventOutcome): void {
    const { api } = this.#parts;
    const kind = api.kinds.of(object);
    if (!kind) return;
    const { namespace = '', name, labels, annotations } = object.metadata;
    if (!api.objects.get(kind, namespace, name)) {
      const { refusal } = api.create(kind, object, BY);
      if (refusal) outcome.problem = refusal.message;
      return;
    }
    const { metadata: _, status: _status, ...rest } = object as KubeObject & { status?: unknown };
    const next = (old: KubeObject): KubeObject => {
      const metadata = { ...old.metadata, labels, annotations: { ...old.metadata.annotations, ...annotations } };
      const { spec: before } = old as { spec?: object };
      const { spec } = rest as { spec?: object };
      return { ...old, ...rest, metadata, ...(spec && { spec: { ...before, ...spec } }) } as KubeObject;
    };
    api.change(kind, keyOf(object), next, BY);
  }

  #delete({ kind, namespace, name }: Extract<Happening, { do: 'delete' }>, outcome: EventOutcome): void {
    const { refusal } = this.#parts.api.delete(kind, { namespace, name }, { propagation: 'Background' }, BY);
    if (refusal) outcome.problem = refusal.message;
  }

  #change(
    chosen: DeploymentChoice,
    outcome: EventOutcome,
    next: (spec: Deployment['spec']) => Deployment['spec'],
  ): void {
    const { api } = this.#parts;
    const all = [...api.objects.list(DEPLOYMENTS)].map(keyOf);
    for (const key of chosen === 'all' ? all : chosen) {
      if (!all.includes(key)) outcome.problem = `there is no Deployment '${key}' now`;
      const change = (old: KubeObject): KubeObject => ({ ...old, spec: next((old as Deployment).spec) }) as KubeObject;
      api.change(DEPLOYMENTS, key, change, BY);
    }
  }

  #crash({ pod, deployment, count, exitCode }: Extract<Happening, { do: 'crash' }>, outcome: EventOutcome): void {
    const { kubelets, log } = this.#parts;
    const keys = pod === undefined ? this.#podsOf(deployment ?? '') : [pod];
    const chosen = this.#drawn(keys, count, outcome.atMs);
    if (chosen.length === 0) outcome.problem = 'there is no such pod';
    for (const key of chosen) {
      log.add(BY, `Pod ${key}`, 'Crashed', `its containers end with exit code ${exitCode}`);
      kubelets.crash(key, exitCode);
    }
  }

  #podsOf(deployment: string): string[] {
    const { objects } = this.#parts.api;
    const owner = objects.of(DEPLOYMENTS).get(deployment);
    const { uid = '', namespace = '' } = owner?.metadata ?? {};
    if (!owner) return [];
    const sets = [...objects.controlledBy(REPLICA_SETS, uid, namespace)];
    const pods = sets.flatMap(({ metadata }) => [...objects.controlledBy(PODS, metadata.uid ?? '', namespace)]);
    return pods.filter((one) => (one as Pod).status?.phase === 'Running').map(keyOf);
  }

  // --- the control plane ---------------------------------------------------------------------------------------------

  #outage(of: 'controllers' | 'scheduler', forMs: number): void {
    const { agenda, log } = this.#parts;
    const part = of === 'controllers' ? this.#parts.controllers : this.#parts.scheduling;
    const endMs = agenda.nowMs + forMs;
    part.stop();
    // Of outages that overlap the last one ends them all.
    this.#downUntilMs[of] = Math.max(this.#downUntilMs[of], endMs);
    agenda.at(endMs, () => {
      if (this.#downUntilMs[of] !== endMs) return;
      this.#downUntilMs[of] = 0;
      log.add(BY, 'cluster', 'Started', `the ${of} are back, without memory`);
      part.start();
    });
  }

  // --- nodes ---------------------------------------------------------------------------------------------------------

  #toNodes(happening: Extract<Happening, { nodes: NodeChoice }>, outcome: EventOutcome): void {
    const { kubelets } = this.#parts;
    const fits = (node: string): boolean => {
      if (happening.do === 'fail') return kubelets.isUp(node);
      return happening.do === 'restore' ? !kubelets.isUp(node) : true;
    };
    const nodes = this.#chosen(happening.nodes, fits, outcome.atMs);
    outcome.nodes = nodes;
    if (nodes.length === 0) outcome.problem = 'there is no such node now';
    else if (happening.do === 'drain') this.#drain(nodes, happening.options, outcome);
    else for (const node of nodes) this.#turn(happening, node);
  }

  #turn(happening: Extract<Happening, { nodes: NodeChoice }>, node: string): void {
    const { agenda, api, kubelets, log, nodeTurned } = this.#parts;
    if (happening.do === 'fail') {
      log.add(BY, `Node ${node}`, 'PowerLost', 'its kubelet is silent and its containers are gone');
      kubelets.fail(node);
      if (happening.forMs !== undefined) agenda.after(happening.forMs, () => this.#restore(node));
    } else if (happening.do === 'restore') this.#restore(node);
    else setUnschedulable(api, node, happening.do === 'cordon', BY);
    nodeTurned(node);
  }

  #restore(node: string): void {
    const { kubelets, log, nodeTurned } = this.#parts;
    log.add(BY, `Node ${node}`, 'PowerBack', 'its kubelet starts');
    kubelets.restore(node);
    nodeTurned(node);
  }

  #drain(
    nodes: readonly string[],
    options: Extract<Happening, { do: 'drain' }>['options'],
    outcome: EventOutcome,
  ): void {
    const { agenda, api, log } = this.#parts;
    const evicted = (pod: Pod): void => {
      log.add('drain', pod, 'Evicted', `node ${pod.spec.nodeName} is drained`);
      this.#parts.evicted(pod);
    };
    const refused = (pod: Pod, message: string): void => log.add('drain', pod, 'EvictionRefused', message);
    const drain = new Drain({ agenda, api, evicted, refused }, options, (result) => {
      outcome.drained = { ...result, endedMs: agenda.nowMs - this.#startMs };
      const how = result.problem === undefined ? 'is done' : `gives up: ${result.problem}`;
      log.add('drain', 'cluster', result.problem === undefined ? 'Drained' : 'DrainFailed', `${outcome.text} ${how}`);
      this.#draining.delete(outcome);
      if (result.problem !== undefined) outcome.problem = result.problem;
    });
    this.#draining.add(outcome);
    drain.start(nodes);
  }

  #chosen(choice: NodeChoice, fits: (node: string) => boolean, atMs: number): string[] {
    const nodes = [...this.#parts.api.objects.list(NODES)].filter((node) => isChosen(choice, node));
    const names = nodes.map(({ metadata }) => metadata.name).filter(fits);
    return this.#drawn(names, choice.count, atMs);
  }

  /** All, in the order of their names; or so many, drawn from the seed. */
  #drawn(names: readonly string[], count: number | undefined, atMs: number): string[] {
    const sorted = names.toSorted((a, b) => (a < b ? -1 : 1));
    if (count === undefined || count >= sorted.length) return sorted;
    const lot = new Map(sorted.map((name) => [name, hashText(this.#parts.seed, `${atMs}/${name}`)]));
    return sorted.sort((a, b) => (lot.get(a) ?? 0) - (lot.get(b) ?? 0)).slice(0, count);
  }
}

function withImage(spec: Deployment['spec'], image: string, container?: string): Deployment['spec'] {
  const containers = spec.template.spec.containers.map((one) =>
    container === undefined || one.name === container ? { ...one, image } : one,
  );
  return { ...spec, template: { ...spec.template, spec: { ...spec.template.spec, containers } } };
}

function restarted({ template, ...spec }: Deployment['spec'], time: string): Deployment['spec'] {
  const annotations = { ...template.metadata?.annotations, 'kubectl.kubernetes.io/restartedAt': time };
  return { ...spec, template: { ...template, metadata: { ...template.metadata, annotations } } };
}
