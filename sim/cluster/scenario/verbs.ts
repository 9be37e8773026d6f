/** What can happen, verb by verb: its fields to a Happening, and how a person would say it. */
import { type KubeObject, keyOf, type Segment, type ServedKind } from '../../../core/index.ts';
import { spanText } from '../world/time-text.ts';
import type { Fields } from './fields.ts';
import { type DeploymentChoice, type Happening, MOST_REPLICAS, type NodeChoice } from './scenario.ts';

/** What a scenario may name: the objects of the input, and those that it applies itself. */
export interface Known {
  /** Whether an object of this kind and key ('ns/name') is there at some time. */
  has(kind: string, key: string): boolean;
  nodes(): Iterable<KubeObject>;
  kindNamed(word: string): ServedKind | undefined;
  /** The objects that a file or an inline object gives; problems are reported. */
  load(value: unknown, path: readonly Segment[]): KubeObject[];
}

export interface Verb {
  /** The field that a plain text stands for: `drain: node-1`. */
  short?: string;
  /** undefined after a report. */
  read(fields: Fields, known: Known): { happening: Happening; text: string } | undefined;
}

const MOST_NODES = 1_000_000;

export const VERBS: Readonly<Record<string, Verb>> = {
  apply: { read: readApply },
  delete: { short: 'object', read: readDelete },
  fail: {
    short: 'node',
    read(fields, known) {
      const nodes = nodesOf(fields, known);
      const forMs = fields.span('for');
      if (!nodes) return undefined;
      const back = forMs === undefined ? '' : ` for ${spanText(forMs)}`;
      return { happening: { do: 'fail', nodes, forMs }, text: `${nodesText(nodes)} without power${back}` };
    },
  },
  restore: { short: 'node', read: ofNodes((nodes) => ({ do: 'restore', nodes }), 'power back on') },
  cordon: { short: 'node', read: ofNodes((nodes) => ({ do: 'cordon', nodes }), 'cordon') },
  uncordon: { short: 'node', read: ofNodes((nodes) => ({ do: 'uncordon', nodes }), 'uncordon') },
  drain: {
    short: 'node',
    read(fields, known) {
      const nodes = nodesOf(fields, known);
      const options = {
        force: fields.flag('force', false),
        ignoreDaemonSets: fields.flag('ignore-daemonsets', true),
        deleteEmptyDirData: fields.flag('delete-emptydir-data', true),
        timeoutMs: fields.span('timeout'),
      };
      return nodes && { happening: { do: 'drain', nodes, options }, text: `drain ${nodesText(nodes)}` };
    },
  },
  scale: {
    read(fields, known) {
      const deployments = deploymentsOf(fields, known);
      const replicas = fields.whole('replicas', 0, MOST_REPLICAS);
      if (!fields.required('replicas', replicas) || !deployments) return undefined;
      return {
        happening: { do: 'scale', deployments, replicas },
        text: `scale ${deploymentsText(deployments)} to ${replicas}`,
      };
    },
  },
  'set-image': {
    read(fields, known) {
      const deployments = deploymentsOf(fields, known);
      const container = fields.text('container');
      const image = fields.text('image');
      if (!fields.required('image', image) || !deployments) return undefined;
      const happening: Happening = { do: 'set-image', deployments, container, image };
      return { happening, text: `set the image of ${deploymentsText(deployments)} to ${image}` };
    },
  },
  roll: {
    short: 'deployment',
    read(fields, known) {
      const deployments = deploymentsOf(fields, known);
      return deployments && { happening: { do: 'roll', deployments }, text: `roll ${deploymentsText(deployments)}` };
    },
  },
  crash: { short: 'pod', read: readCrash },
  outage: {
    read(fields) {
      const of = fields.choice('of', ['controllers', 'scheduler'] as const);
      const forMs = fields.span('for');
      if (!fields.required('of', of)) return undefined;
      if (!fields.required('for', forMs)) return undefined;
      return { happening: { do: 'outage', of, forMs }, text: `the ${of} down for ${spanText(forMs)}` };
    },
  },
};

function readApply(fields: Fields, known: Known): ReturnType<Verb['read']> {
  const path = (name: string): Segment[] => [...fields.path, name];
  const files = fields.texts('file') ?? [];
  const given = fields.raw('objects');
  const inline = Array.isArray(given) ? given : [];
  if (given !== undefined && !Array.isArray(given)) fields.wrong('objects', 'is not a list of objects');
  if (files.length === 0 && !fields.has('objects')) fields.wrong('', 'needs a file, or objects');
  const objects = [
    ...files.flatMap((file) => known.load(file, path('file'))),
    ...inline.flatMap((value, i) => known.load(value, [...path('objects'), i])),
  ];
  if (objects.length === 0) return undefined;
  const names = objects.map((object) => `${object.kind} ${keyOf(object)}`);
  const more = names.length > 3 ? ` and ${names.length - 3} more` : '';
  return { happening: { do: 'apply', objects }, text: `apply ${names.slice(0, 3).join(', ')}${more}` };
}

function readDelete(fields: Fields, known: Known): ReturnType<Verb['read']> {
  const object = fields.text('object');
  if (!fields.required('object', object)) return undefined;
  const [word, ...rest] = object.split('/');
  const kind = known.kindNamed(word);
  if (!kind || rest.length === 0 || rest.length > 2 || rest.includes('')) {
    fields.wrong('object', `'${object}' is not KIND/NAME, nor KIND/NAMESPACE/NAME`);
    return undefined;
  }
  const name = rest[rest.length - 1];
  const namespace = kind.namespaced ? (rest.length === 2 ? rest[0] : 'default') : '';
  const key = namespace ? `${namespace}/${name}` : name;
  // Pods and what else controllers make have names that nobody knows before.
  if (!MADE.has(kind.kind) && !known.has(kind.kind, key)) fields.wrong('object', `there is no ${kind.kind} '${key}'`);
  return { happening: { do: 'delete', kind, namespace, name }, text: `delete ${kind.kind} ${key}` };
}

const MADE: ReadonlySet<string> = new Set(['Pod', 'ReplicaSet', 'EndpointSlice', 'Endpoints', 'ControllerRevision']);

function readCrash(fields: Fields, known: Known): ReturnType<Verb['read']> {
  const pod = fields.text('pod');
  const deployment = fields.text('deployment');
  const count = fields.whole('count', 1, MOST_REPLICAS) ?? 1;
  const exitCode = fields.whole('exit-code', 0, 255) ?? 1;
  if ((pod === undefined) === (deployment === undefined)) {
    fields.wrong('', 'needs a pod, or a deployment');
    return undefined;
  }
  const key = namespaced(pod ?? deployment ?? '');
  if (deployment !== undefined && !known.has('Deployment', key)) {
    fields.wrong('deployment', `there is no Deployment '${key}'`);
  }
  const target = pod === undefined ? { deployment: key } : { pod: key };
  const text = pod === undefined ? `${count} of the pods of ${key} crash` : `pod ${key} crashes`;
  return { happening: { do: 'crash', ...target, count, exitCode }, text };
}

// --- nodes -----------------------------------------------------------------------------------------------------------

function ofNodes(make: (nodes: NodeChoice) => Happening, words: string): Verb['read'] {
  return (fields, known) => {
    const nodes = nodesOf(fields, known);
    return nodes && { happening: make(nodes), text: `${words}: ${nodesText(nodes)}` };
  };
}

function nodesOf(fields: Fields, known: Known): NodeChoice | undefined {
  const names = fields.texts('node');
  const zone = fields.text('zone');
  const labels = labelsOf(fields);
  const count = fields.whole('count', 1, MOST_NODES);
  if (!['node', 'zone', 'selector'].some((name) => fields.has(name))) {
    fields.wrong('', 'needs a node, a zone or a selector');
    return undefined;
  }
  const choice: NodeChoice = { names, zone, labels, count };
  const nodes = [...known.nodes()];
  const unknown = (names ?? []).filter((name) => !nodes.some(({ metadata }) => metadata.name === name));
  for (const name of unknown) fields.wrong('node', `there is no node '${name}'`);
  if (unknown.length === 0 && !nodes.some((node) => isChosen(choice, node))) {
    fields.wrong(zone === undefined ? 'selector' : 'zone', 'no node is in it');
  }
  return choice;
}

export function isChosen({ names, zone, labels }: NodeChoice, { metadata }: KubeObject): boolean {
  const own = metadata.labels ?? {};
  if (names && !names.includes(metadata.name)) return false;
  if (zone !== undefined && own['topology.kubernetes.io/zone'] !== zone) return false;
  return Object.entries(labels ?? {}).every(([key, value]) => own[key] === value);
}

/** 'key=value', several with commas between them. */
function labelsOf(fields: Fields): Record<string, string> | undefined {
  const pairs = fields.texts('selector');
  if (!pairs) return undefined;
  const labels: Record<string, string> = {};
  for (const pair of pairs) {
    const at = pair.indexOf('=');
    if (at <= 0) fields.wrong('selector', `'${pair}' is not KEY=VALUE`);
    else labels[pair.slice(0, at)] = pair.slice(at + 1);
  }
  return labels;
}

function nodesText({ names, zone, labels, count }: NodeChoice): string {
  const where = [
    ...(zone === undefined ? [] : [`zone ${zone}`]),
    ...Object.entries(labels ?? {}).map(([key, value]) => `${key}=${value}`),
  ].join(' and ');
  const many = (names?.length ?? 0) > 1 || (names === undefined && count !== 1);
  const word = many ? 'nodes' : 'node';
  const who = names ? names.join(', ') : where && `of ${where}`;
  return `${count === undefined ? (names ? '' : 'all ') : `${count} `}${word} ${who}${names && where ? ` of ${where}` : ''}`;
}

// --- Deployments -----------------------------------------------------------------------------------------------------

function deploymentsOf(fields: Fields, known: Known): DeploymentChoice | undefined {
  const names = fields.texts('deployment');
  if (!fields.required('deployment', names)) return undefined;
  if (names.includes('*')) return 'all';
  const keys = names.map(namespaced);
  for (const key of keys) {
    if (!known.has('Deployment', key)) fields.wrong('deployment', `there is no Deployment '${key}'`);
  }
  return keys;
}

function deploymentsText(deployments: DeploymentChoice): string {
  return deployments === 'all' ? 'all Deployments' : deployments.join(', ');
}

function namespaced(name: string): string {
  return name.includes('/') ? name : `default/${name}`;
}
