/**
 * One frontend → the parts of the table that are there for it: elements of maps, and chains and sets that several
 * frontends share. Who is masqueraded, and whom policy Local holds back, is decided here.
 * Source: Kubernetes v1.36, pkg/proxy/nftables/proxier.go, syncProxyRules, writeServiceToEndpointRules.
 */
import { assert, type BackendEndpoint, type Cidr, type Frontend, formatCidr, type Route } from '../../../core/index.ts';
import * as layout from './layout.ts';

export type Part =
  | { readonly kind: 'set'; readonly name: string; readonly body: string }
  | { readonly kind: 'chain'; readonly name: string; readonly rules: readonly string[] }
  | ElementPart;

export interface ElementPart {
  readonly kind: 'element';
  readonly set: string;
  readonly key: string;
  /** Empty in a set that is no map. */
  readonly value: string;
  /** Others may have the same element; else it is this frontend's alone. */
  readonly shared: boolean;
}

export interface RulesOptions extends layout.BaseOptions {
  /** Where this kernel is. Endpoints of other nodes cannot call themselves through it. */
  readonly nodeName?: string;
  /** Addresses of this node's pods: not masqueraded on their way to a cluster address, not held back by policy Local. */
  readonly podRanges: readonly Cidr[];
}

interface Context extends layout.Space, RulesOptions {
  readonly frontend: Frontend;
  add(part: Part): void;
}

/** Every endpoint of a route gets an equal share; an empty list is no route. */
export function addParts(frontend: Frontend, options: RulesOptions, add: (part: Part) => void): void {
  const family = frontend.family === 'IPv6' ? '6' : '4';
  const nodePort = frontend.kind === 'NodePort';
  const transport = frontend.protocol.toLowerCase();
  assert(transport === 'tcp' || transport === 'udp' || transport === 'sctp', () => `no transport ${transport}`);
  const context: Context = { ...options, frontend, family, nodePort, transport, fromNode: false, add };
  if (frontend.kind === 'ClusterIP')
    add({ kind: 'element', set: `cluster-ips-${family}`, key: frontend.address, value: '', shared: true });
  addFirewall(context);
  addRefusal(context);
  addService(context);
}

/** Of a map that is keyed by frontend. */
function element({ frontend, nodePort, transport, add }: Context, set: string, value: string): void {
  const key = `${nodePort ? '' : `${frontend.address} . `}${transport} . ${frontend.port}`;
  add({ kind: 'element', set, key, value, shared: false });
}

function addFirewall(context: Context): void {
  const { frontend, family, transport, add } = context;
  if (frontend.sourceRanges.length === 0) return;
  const name = `firewall/${frontend.address.replaceAll(':', '.')}/${transport}/${frontend.port}`;
  const allowed = frontend.sourceRanges.map((range) => `${layout.headerOf(family)} saddr ${formatCidr(range)} return`);
  add({ kind: 'chain', name, rules: [...allowed, 'drop'] });
  element(context, `firewall-${family}`, `jump ${name}`);
}

function addRefusal(context: Context): void {
  const { frontend, family, podRanges, add } = context;
  const { fromOutside, fromNode } = frontend;
  const outside = refusal(fromOutside);
  const inside = refusal(fromNode);
  if (outside === 'return' && inside === 'return') return;
  if (outside === inside) {
    element(context, layout.refusedMap(context), outside);
    return;
  }
  const name = `refused-${family}/${fromOutside.verdict}/${fromNode.verdict}`;
  add({ kind: 'chain', name, rules: [...layout.fromThisNode(family, podRanges, inside), outside] });
  element(context, layout.refusedMap(context), `goto ${name}`);
}

function refusal({ verdict }: Route): string {
  return verdict === 'forward' ? 'return' : verdict === 'drop' ? 'drop' : layout.REJECT;
}

function addService(context: Context): void {
  const { frontend, family, podRanges, add } = context;
  const { fromOutside: outside, fromNode: inside, kind } = frontend;
  let entry: { name: string; rules: readonly string[] };
  if (kind !== 'ClusterIP' && (outside.verdict !== 'forward' || outside.policy === 'Local')) {
    if (outside.verdict !== 'forward' && inside.verdict !== 'forward') return;
    const here = inside.verdict === 'forward' ? target({ ...context, fromNode: true }, inside) : undefined;
    const others = outside.verdict === 'forward' ? target(context, outside) : undefined;
    const rules = here
      ? [`fib saddr type local ${layout.MARK}`, ...layout.fromThisNode(family, podRanges, `goto ${here}`)]
      : [];
    // The lists of one Service differ in the last part of their names.
    const name = here ? `local/${here}/${others?.split('/').at(-1) ?? ''}` : `local//${others}`;
    entry = { name, rules: others ? [...rules, `goto ${others}`] : rules };
  } else if (outside.verdict === 'forward') {
    const to = target(context, outside);
    if (kind !== 'ClusterIP') entry = { name: `external/${to}`, rules: [layout.MARK, `goto ${to}`] };
    else if (layout.rangesOf(family, podRanges).length === 0) entry = { name: to, rules: [] };
    else {
      const alien = `${layout.headerOf(family)} saddr != @pod-ranges-${family} ${layout.MARK}`;
      entry = { name: `cluster/${to}`, rules: [alien, `goto ${to}`] };
    }
  } else return;
  if (entry.rules.length > 0) add({ kind: 'chain', ...entry });
  element(context, layout.servicesMap(context), `goto ${entry.name}`);
}

/** The chain that chooses among these endpoints, and all that it needs. */
function target(context: Context, { endpoints, policy }: Extract<Route, { verdict: 'forward' }>): string {
  for (const endpoint of endpoints) addHairpin(context, endpoint);
  if (context.frontend.affinitySeconds > 0) return affinityChain(context, endpoints, policy);
  const { frontend, nodePort, add } = context;
  const set = layout.endpointsMap(context);
  const key = nodePort ? `${frontend.port}` : `${frontend.address} . ${frontend.port}`;
  for (let i = 0; i < endpoints.length; i++) {
    const { address, port } = endpoints[i];
    add({ kind: 'element', set, key: `${key} . ${i}`, value: `${address} . ${port}`, shared: false });
  }
  const name = layout.pickChain(context, endpoints.length);
  add({ kind: 'chain', name, rules: [layout.pickRule(context, endpoints.length)] });
  return name;
}

/** A pod that reaches itself would answer itself past this node, unless it sees the node as its client. */
function addHairpin({ family, nodeName, add }: Context, { address, nodeName: where }: BackendEndpoint): void {
  if (nodeName !== undefined && where !== undefined && where !== nodeName) return;
  add({ kind: 'element', set: `hairpin-${family}`, key: `${address} . ${address}`, value: '', shared: true });
}

/**
 * Chains of the Service's own: each endpoint remembers its clients in a set whose members expire, and every connection
 * puts that off. Names hold the timeout, as a set cannot change its own.
 */
function affinityChain(context: Context, endpoints: readonly BackendEndpoint[], policy: string): string {
  const { frontend, family, transport, add } = context;
  const { service, portName, affinitySeconds } = frontend;
  const port = `${affinitySeconds}/${service}/${portName}/${transport}/${family}`;
  assert(/^[\w./-]*$/.test(port), () => `no name for a chain: ${port}`);
  const header = layout.headerOf(family);
  const remembered: string[] = [];
  const drawn: string[] = [];
  for (const endpoint of endpoints) {
    const name = `${port}/${endpoint.address.replaceAll(':', '.')}/${endpoint.port}`;
    const type = layout.addressType(family);
    const to = family === '6' ? `[${endpoint.address}]` : endpoint.address;
    const body = `type ${type} ; flags dynamic, timeout ; timeout ${affinitySeconds}s ;`;
    add({ kind: 'set', name: `clients/${name}`, body });
    const rules = [
      `update @clients/${name} { ${header} saddr }`,
      `meta l4proto ${transport} dnat ${header} to ${to}:${endpoint.port}`,
    ];
    add({ kind: 'chain', name: `endpoint/${name}`, rules });
    remembered.push(`${header} saddr @clients/${name} goto endpoint/${name}`);
    drawn.push(`${drawn.length} : goto endpoint/${name}`);
  }
  const name = `list/${port}/${policy}`;
  const draw = `numgen random mod ${endpoints.length} vmap { ${drawn.join(', ')} }`;
  add({ kind: 'chain', name, rules: [...remembered, draw] });
  return name;
}
