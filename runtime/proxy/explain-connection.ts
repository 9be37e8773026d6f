/** Which endpoint of a Service port a client would get on a node, and why: who is eligible, and how the policy chooses. */
import {
  type BackendEndpoint,
  BalancerTables,
  backendsName,
  clientHash,
  type EndpointSlice,
  explainPick,
  type Frontend,
  frontendKey,
  isSliceOf,
  NO_ENDPOINT,
  namespaceOf,
  Picker,
  type PickStep,
  type Route,
  type Service,
} from '../../core/index.ts';
import { type Balance, serviceTableOf } from './balance.ts';
import type { Feed } from './feed.ts';
import { leadsTo } from './places.ts';

export interface ConnectionAsked {
  /** 'ns/name' */
  readonly service: string;
  /** The port's name or number. */
  readonly port: string;
  readonly client: string;
  /** Instead of the Service's own. */
  readonly policy?: string;
  readonly seed: number;
}

export interface ExplainedConnection {
  readonly service: string;
  readonly frontend: string;
  readonly client: string;
  readonly node: string;
  readonly verdict: Route['verdict'];
  readonly trafficPolicy?: string;
  readonly policy: string;
  readonly affinitySeconds: number;
  /** 'ADDRESS:PORT'; absent where nobody is picked. */
  readonly picked?: string;
  readonly endpoints: readonly ExplainedEndpoint[];
  /** Endpoints as 'ADDRESS:PORT'. */
  readonly steps: readonly ExplainedStep[];
}

export interface ExplainedEndpoint {
  readonly endpoint: string;
  readonly node: string;
  readonly zone: string;
  readonly condition: 'ready' | 'terminating, still serving' | 'not ready';
  readonly verdict: 'picked' | 'eligible' | string;
}

export type ExplainedStep = { readonly stage: string } & Readonly<Record<string, unknown>>;

/** undefined where the file has no such port. A client of the node's own reaches the Service at its cluster address. */
export function explainConnection(feed: Feed, asked: ConnectionAsked): ExplainedConnection | undefined {
  const frontend = [...feed.table.frontends.values()].find(
    (one) => one.kind === 'ClusterIP' && leadsTo(asked, one) && one.family === familyOf(asked.client),
  );
  const service = feed.services.find((one) => `${namespaceOf(one)}/${one.metadata.name}` === asked.service);
  if (frontend === undefined || service === undefined) return undefined;
  const route = frontend.fromNode;
  const policy = asked.policy ?? (feed.settings.get(frontendKey(frontend))?.policy as string);
  const eligible = route.verdict === 'forward' ? route.endpoints : [];
  const { picked, steps } = pick(
    frontend,
    route,
    eligible,
    { policy, balance: feed.balances.get(asked.service) },
    asked,
  );
  return {
    service: asked.service,
    frontend: frontendKey(frontend),
    client: asked.client,
    node: feed.place.name,
    verdict: route.verdict,
    ...(route.verdict === 'forward' && { trafficPolicy: route.policy }),
    policy,
    affinitySeconds: frontend.affinitySeconds,
    ...(picked !== undefined && { picked }),
    endpoints: listEndpoints(feed, service, frontend, eligible, picked),
    steps,
  };
}

function familyOf(client: string): string {
  return client.includes(':') ? 'IPv6' : 'IPv4';
}

function pick(
  frontend: Frontend,
  route: Route,
  endpoints: readonly BackendEndpoint[],
  asked: { readonly policy: string; readonly balance: Balance | undefined },
  { client, seed }: ConnectionAsked,
): { picked?: string; steps: ExplainedStep[] } {
  const name = backendsName(frontend, route);
  if (name === undefined) return { steps: [] };
  const limits = { services: 16, workers: 1, clients: 1024, endpoints: Math.max(1024, endpoints.length) };
  const tables = new BalancerTables({ limits });
  const { affinitySeconds } = frontend;
  tables.apply(name, serviceTableOf({ ...asked, balance: asked.balance ?? {}, affinitySeconds }, endpoints), 0);
  const picker = new Picker(tables.shared, tables.join(), seed);
  const { endpoint, steps } = explainPick(picker, tables.serviceId(name) as number, clientHash(client), 0);
  const text = (id: number): string => keyOf({ address: picker.addressOf(id), port: picker.portOf(id) });
  return { ...(endpoint !== NO_ENDPOINT && { picked: text(endpoint) }), steps: steps.map((step) => named(step, text)) };
}

function named(step: PickStep, text: (endpoint: number) => string): ExplainedStep {
  if (step.stage === 'policy') {
    const candidates = step.candidates.map(({ endpoint, score }) => ({ endpoint: text(endpoint), score }));
    return { ...step, candidates };
  }
  if (step.stage === 'affinity' && step.endpoint !== undefined) return { ...step, endpoint: text(step.endpoint) };
  return { ...step };
}

function listEndpoints(
  { slices, place }: Feed,
  service: Service,
  frontend: Frontend,
  eligible: readonly BackendEndpoint[],
  picked: string | undefined,
): ExplainedEndpoint[] {
  const able = new Set(eligible.map(keyOf));
  const seen = new Map<string, ExplainedEndpoint>();
  for (const slice of slices) {
    if (!isSliceOf(slice, service) || slice.addressType !== frontend.family) continue;
    for (const port of portsFor(slice, frontend)) {
      for (const { addresses, conditions, nodeName = '', zone = '', hints } of slice.endpoints) {
        const endpoint = keyOf({ address: addresses[0], port });
        const { ready = true, serving = true, terminating = false } = conditions ?? {};
        const condition = ready ? 'ready' : serving && terminating ? 'terminating, still serving' : 'not ready';
        const why = !ready
          ? 'ready ones come first'
          : frontend.fromNode.verdict === 'drop' || isLocal(frontend)
            ? `not on node ${place.name || '(none named)'}`
            : `hints name ${[...(hints?.forNodes ?? []), ...(hints?.forZones ?? [])].map(({ name }) => name).join(', ') || 'others'}`;
        const refused = condition === 'not ready' ? 'not ready' : why;
        const verdict = endpoint === picked ? 'picked' : able.has(endpoint) ? 'eligible' : refused;
        seen.set(endpoint, { endpoint, node: nodeName, zone, condition, verdict });
      }
    }
  }
  return [...seen.values()];
}

function isLocal({ fromNode }: Frontend): boolean {
  return fromNode.verdict === 'forward' && fromNode.policy === 'Local';
}

function portsFor({ ports = [] }: EndpointSlice, { portName, protocol }: Frontend): number[] {
  return ports.flatMap(({ name = '', protocol: of = 'TCP', port }) =>
    name === portName && of === protocol && port !== undefined ? [port] : [],
  );
}

function keyOf({ address, port }: { address: string; port: number }): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
