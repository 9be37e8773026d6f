/**
 * What the kernel remembers of flows, through the tool `conntrack`. A UDP flow is bound to its endpoint for as long as its
 * client sends, so those to an endpoint that is gone must be cut; a TCP connection ends by itself.
 * Source of the rule: Kubernetes v1.36, pkg/proxy/conntrack/cleanup.go, and kubernetes#139628: also when none is left.
 */
import { type Frontend, frontendKey, type Route } from '../../../core/index.ts';
import { runTool, type Tool } from './command.ts';

export interface Flow {
  readonly protocol: 'TCP' | 'UDP';
  /** Of TCP: 'ESTABLISHED'; empty for UDP. */
  readonly state: string;
  /** Where the client sends. */
  readonly to: FlowEnd;
  /** Who answers. */
  readonly by: FlowEnd;
}

export interface FlowEnd {
  readonly address: string;
  readonly port: number;
}

const ENDED = ['TIME_WAIT', 'CLOSE'];

export class Conntrack {
  readonly #tool: Tool;

  constructor(netns?: string, command = 'conntrack') {
    this.#tool = { command, from: 'Debian package conntrack', ...(netns !== undefined && { netns }) };
  }

  /** @throws ApiError NotFound: no conntrack; Error: it failed. */
  async list(protocol: 'TCP' | 'UDP', filter: readonly string[] = []): Promise<Flow[]> {
    const flows: Flow[] = [];
    for (const family of ['ipv4', 'ipv6']) {
      const args = ['-L', '-f', family, '-p', protocol.toLowerCase(), ...filter];
      flows.push(...parseFlows(await this.#run(args)));
    }
    return flows;
  }

  /** Connections and flows that an endpoint still has. */
  async countOf({ address, port }: FlowEnd): Promise<number> {
    const family = address.includes(':') ? 'ipv6' : 'ipv4';
    let count = 0;
    for (const protocol of ['tcp', 'udp']) {
      const by = ['--reply-src', address, '--reply-port-src', String(port)];
      const flows = parseFlows(await this.#run(['-L', '-f', family, '-p', protocol, ...by]));
      count += flows.filter(({ state }) => !ENDED.includes(state)).length;
    }
    return count;
  }

  /** Drops the memory of TCP connections with an endpoint that have ended. */
  async forget({ address, port }: FlowEnd): Promise<void> {
    const family = address.includes(':') ? 'ipv6' : 'ipv4';
    const by = ['--reply-src', address, '--reply-port-src', String(port)];
    for (const state of ENDED) await this.#run(['-D', '-f', family, '-p', 'tcp', '--state', state, ...by]);
  }

  /** Cuts UDP flows that go where no endpoint is any more; each is 'to' and 'by' of some flows. */
  async cut(flows: readonly Pick<Flow, 'to' | 'by'>[]): Promise<void> {
    for (const { to, by } of flows) {
      const ends = ['--orig-dst', to.address, '--orig-port-dst', String(to.port)];
      const answers = ['--reply-src', by.address, '--reply-port-src', String(by.port)];
      const family = to.address.includes(':') ? 'ipv6' : 'ipv4';
      await this.#run(['-D', '-f', family, '-p', 'udp', ...ends, ...answers]);
    }
  }

  async #run(args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await runTool(this.#tool, args);
    // Nothing found to delete is a failure to the tool, not to us.
    if (code !== 0 && !/ 0 flow entries/.test(stderr)) throw new Error(`conntrack: ${stderr.trim().slice(0, 200)}`);
    return stdout;
  }
}

/** Lines of `conntrack -L`: both directions, each with src, dst, sport and dport; the reply's source is who answers. */
export function parseFlows(text: string): Flow[] {
  const flows: Flow[] = [];
  for (const line of text.split('\n')) {
    const [protocol, , , state = ''] = line.trim().split(/\s+/);
    const all = (field: string): string[] =>
      [...line.matchAll(new RegExp(`\\b${field}=(\\S+)`, 'g'))].map(([, v]) => v);
    const [, by] = all('src');
    const [to] = all('dst');
    const [, byPort] = all('sport');
    const [toPort] = all('dport');
    if ((protocol !== 'tcp' && protocol !== 'udp') || byPort === undefined) continue;
    flows.push({
      protocol: protocol === 'tcp' ? 'TCP' : 'UDP',
      state: protocol === 'tcp' ? state : '',
      to: { address: to, port: Number(toPort) },
      by: { address: by, port: Number(byPort) },
    });
  }
  return flows;
}

/**
 * The UDP flows through these frontends whose endpoint is none of theirs any more, each pair of ends once.
 * @param changed by frontendKey; undefined: gone.
 */
export function staleFlows(flows: Iterable<Flow>, changed: ReadonlyMap<string, Frontend | undefined>): Flow[] {
  const allowed = new Map<string, Set<string>>();
  for (const [key, frontend] of changed) {
    if (key.endsWith('/UDP')) allowed.set(key, frontend ? endsOf(frontend) : new Set());
  }
  const stale = new Map<string, Flow>();
  for (const flow of flows) {
    if (flow.protocol !== 'UDP') continue;
    const exact = frontendKey({ ...flow.to, protocol: 'UDP' });
    const ends = allowed.get(exact) ?? nodePortEnds(flow, allowed);
    const by = endText(flow.by);
    if (ends && !ends.has(by)) stale.set(`${exact} ${by}`, flow);
  }
  return [...stale.values()];
}

/** A flow to such a port that was not translated is somebody else's, and only passes by. */
function nodePortEnds({ to, by }: Flow, allowed: ReadonlyMap<string, Set<string>>): Set<string> | undefined {
  if (to.address === by.address && to.port === by.port) return undefined;
  const address = to.address.includes(':') ? '::' : '0.0.0.0';
  return allowed.get(frontendKey({ address, port: to.port, protocol: 'UDP' }));
}

function endsOf({ fromOutside, fromNode }: Frontend): Set<string> {
  const ends = (route: Route): string[] => (route.verdict === 'forward' ? route.endpoints.map(endText) : []);
  return new Set([...ends(fromOutside), ...ends(fromNode)]);
}

function endText({ address, port }: FlowEnd): string {
  return `${address} ${port}`;
}
