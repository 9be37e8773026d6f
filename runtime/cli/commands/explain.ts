/** `keelson explain POD DIR|FILE...`: one pod against every node and every plugin. */
import type { ExplainedNode, Explanation, PluginScore } from '../../../core/index.ts';
import { explainPod, NoSuchPod } from '../../../sim/placement/explain-pod.ts';
import type { Flags } from '../flags.ts';
import { wrap } from '../help.ts';
import { readInput } from '../manifest-input.ts';
import { formatTable } from '../table.ts';
import type { Terminal } from '../terminal.ts';
import { suggest, UsageError } from '../usage-error.ts';

export async function run(flags: Flags, terminal: Terminal): Promise<number> {
  const json = flags.choice('output', ['table', 'json'], 'table') === 'json';
  const [pod, ...paths] = flags.words;
  if (pod === undefined) throw new UsageError('explain needs a POD and a DIR or FILE', flags.command);
  if (paths.length === 0) throw new UsageError(`explain needs a DIR or FILE that holds pod ${pod}`, flags.command);
  const { manifests, options } = readInput(paths, flags, terminal);
  let explanation: Explanation;
  try {
    explanation = await explainPod(manifests, pod, { ...options, after: flags.has('after') });
  } catch (error) {
    if (!(error instanceof NoSuchPod)) throw error;
    const names = pod.includes('/') ? error.names : error.names.map((name) => name.slice(name.indexOf('/') + 1));
    throw new UsageError(`there is no pod ${pod} in ${paths.join(', ')}${suggest(pod, names)}`, flags.command);
  }
  if (json) await terminal.json({ seed: options.seed, ...explanation });
  else await terminal.write(`seed ${options.seed}\n${explanationText(explanation, terminal)}`);
  return 0;
}

function explanationText(explanation: Explanation, terminal: Terminal): string {
  const { pod, preFilter, error, narrowedTo, best, nodes } = explanation;
  const feasible = nodes.filter(({ verdict }) => verdict !== 'rejected').length;
  const lines = [`pod ${pod}: ${feasible} of ${nodes.length} nodes are feasible`];
  if (preFilter) lines.push(`${preFilter.plugin} refuses it before any node is asked: ${preFilter.reasons.join(', ')}`);
  if (error !== undefined) lines.push(`the cycle failed: ${error}`);
  if (narrowedTo) lines.push(`only these nodes are asked: ${narrowedTo.join(', ')}`);
  if (best.length > 1) lines.push(`${best.length} nodes share the best total; the tie rule chooses among them`);
  for (const [reason, count] of reasonCounts(nodes)) lines.push(`${count} refused by ${reason}`);
  const feasibleNodes = nodes.filter(({ verdict }) => verdict !== 'rejected');
  const refused = nodes.filter(({ verdict }) => verdict === 'rejected');
  const tables = [scoreTable(feasibleNodes, terminal.width), refusalTable(refused, terminal.width)];
  return [lines.join('\n') + '\n', ...tables.filter(Boolean)].join('\n');
}

/** By the plugin that decided; most nodes first. */
function reasonCounts(nodes: readonly ExplainedNode[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const { rejectedBy } of nodes) {
    if (!rejectedBy) continue;
    const reason = `${rejectedBy.plugin}: ${rejectedBy.reasons.join(', ')}`;
    counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1]);
}

/** Weighted scores, with raw and normalised where they differ; plugins that say the same of every node share a line. */
function scoreTable(nodes: readonly ExplainedNode[], width: number): string {
  if (nodes.length === 0) return '';
  const scores = nodes[0].scores;
  const isSame = (p: number): boolean => nodes.every((node) => scoreText(node.scores[p]) === scoreText(scores[p]));
  const columns = scores.map((_, p) => p).filter((p) => !isSame(p));
  const same = scores.filter((_, p) => isSame(p)).map((score) => `${score.plugin} ${scoreText(score)}`);
  const titles = columns.map((p) => `${spaced(scores[p].plugin)} x${scores[p].weight}`);
  const totals = scores.length > 0 ? ['rank', 'total'] : [];
  const rows = nodes.map(({ node, verdict, rank, total, scores }) => [
    node,
    verdict,
    ...totals.map((title) => String(title === 'rank' ? rank : total)),
    ...columns.map((p) => scoreText(scores[p])),
  ]);
  const head = ['node', 'verdict', ...totals, ...titles];
  const table = formatTable(
    head,
    rows,
    width,
    head.map((_, i) => (i < 2 ? 'left' : 'right')),
  );
  return same.length > 0
    ? `${table}${wrap(`the same for all of them: ${same.join(', ')}`, width).join('\n')}\n`
    : table;
}

function refusalTable(nodes: readonly ExplainedNode[], width: number): string {
  if (nodes.length === 0) return '';
  return formatTable(
    ['node', 'refused by'],
    nodes.map((node) => [node.node, whyNot(node)]),
    width,
  );
}

function scoreText(score: PluginScore | undefined): string {
  if (!score) return '';
  const { raw, normalized, weighted } = score;
  return raw === normalized ? String(weighted) : `${weighted} (${raw} -> ${normalized})`;
}

function whyNot({ rejectedBy, filters }: ExplainedNode): string {
  if (!rejectedBy) return '';
  const others = filters.filter(({ plugin, passed }) => !passed && plugin !== rejectedBy.plugin);
  return [rejectedBy, ...others].map(({ plugin, reasons }) => `${plugin}: ${reasons.join(', ')}`).join('; ');
}

/** 'NodeResourcesFit' in words that a narrow column can break. */
function spaced(plugin: string): string {
  return plugin.replace(/(?<=[a-z])(?=[A-Z])/g, ' ');
}
