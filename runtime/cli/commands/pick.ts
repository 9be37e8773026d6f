/** `keelson pick --config FILE --service NS/NAME:PORT --client IP`: which endpoint a client gets, and why. */
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { canonicalIp, formatProblem, POLICIES } from '../../../core/index.ts';
import { type ExplainedConnection, type ExplainedStep, explainConnection } from '../../proxy/explain-connection.ts';
import { readFeed } from '../../proxy/feed.ts';
import type { Flags } from '../flags.ts';
import { formatTable } from '../table.ts';
import type { Terminal } from '../terminal.ts';
import { suggest, UsageError } from '../usage-error.ts';

const SEED = 42;

export async function run(flags: Flags, terminal: Terminal): Promise<number> {
  const json = flags.choice('output', ['table', 'json'], 'table') === 'json';
  flags.noWords();
  const path = flags.required('config');
  const { service, port } = servicePort(flags);
  const client = flags.required('client');
  if (isIP(client) === 0) throw flags.wrong('client', `'${client}' is not an IP address`);
  const names = POLICIES.map(({ name }) => name);
  const policy = flags.has('policy') ? flags.choice('policy', names, names[0]) : undefined;
  const seed = flags.whole('seed', SEED);
  const feed = readFeed(readFileSync(path), path, { nodeName: flags.text('node') });
  for (const warning of feed.warnings) terminal.note(formatProblem(warning));
  const explained = explainConnection(feed, { service, port, client: canonicalIp(client) ?? client, policy, seed });
  if (explained === undefined) {
    const ports = [...feed.table.frontends.values()].map((one) => `${one.service}:${one.portName || one.port}`);
    const asked = `${service}:${port}`;
    const family = client.includes(':') ? 'IPv6' : 'IPv4';
    const hint = suggest(
      asked,
      [...new Set(ports)].filter((name) => name !== asked),
    );
    throw new UsageError(
      `${path} has no Service port ${asked} that a client of ${family} can reach${hint}`,
      flags.command,
    );
  }
  if (json) await terminal.json({ seed, ...explained });
  else await terminal.write(textOf(explained, seed, terminal.width));
  return 0;
}

function servicePort(flags: Flags): { service: string; port: string } {
  const text = flags.required('service');
  const [, namespace = 'default', name, port] = /^(?:([^/:]+)\/)?([^/:]+):([^/:]+)$/.exec(text) ?? [];
  if (name === undefined) throw flags.wrong('service', `'${text}' is not [NAMESPACE/]NAME:PORT`);
  return { service: `${namespace}/${name}`, port };
}

function textOf(explained: ExplainedConnection, seed: number, width: number): string {
  const { service, frontend, client, node, verdict, trafficPolicy, policy, picked, endpoints, steps } = explained;
  const lines = [
    `service ${service} at ${frontend}, client ${client}, on node ${node || '(none named)'}, seed ${seed}`,
  ];
  if (verdict === 'reject') lines.push('refused: no endpoint can serve, on any node');
  if (verdict === 'drop')
    lines.push('dropped: endpoints elsewhere could serve, but policy Local keeps it on this node');
  if (trafficPolicy) lines.push(`traffic policy ${trafficPolicy}, balanced by ${policy}`);
  for (const step of steps) lines.push(`  ${stepText(step)}`);
  if (picked !== undefined) lines.push(`picked ${picked}`);
  const rows = endpoints.map((one) => [one.endpoint, one.node, one.zone, one.condition, one.verdict]);
  const table = rows.length > 0 ? formatTable(['endpoint', 'node', 'zone', 'condition', 'verdict'], rows, width) : '';
  return `${lines.join('\n')}\n\n${table}`;
}

function stepText(step: ExplainedStep): string {
  const { stage } = step;
  if (stage === 'table') return `table: ${step.endpoints} endpoints in ${step.groups} groups`;
  if (stage === 'affinity')
    return `affinity for ${step.seconds} s: ${step.hit ? `stays at ${step.endpoint}` : 'a new client'}`;
  if (stage === 'group') return `group: priority ${step.priority}, ${step.endpoints} endpoints`;
  if (stage !== 'policy') return stage;
  const candidates = step.candidates as { endpoint: string; score?: number }[];
  const shown = candidates
    .slice(0, 10)
    .map(({ endpoint, score }) => endpoint + (score === undefined ? '' : ` (${score})`));
  const rest = candidates.length > shown.length ? ` and ${candidates.length - shown.length} more` : '';
  return `policy ${step.policy} compares ${step.compares}: looks at ${shown.join(', ')}${rest}`;
}
