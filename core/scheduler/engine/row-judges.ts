/**
 * Who judges every row for classes that are built: this thread, or all of them where rows and classes are many. Each takes
 * a piece of a class's rows, or all of them, and writes what a class then has for its own.
 */
import type { PodRequest } from '../../cluster/pod-request.ts';
import type { View } from '../framework.ts';
import type { AnyPackedPlugin } from '../plugins/registry.ts';
import type { PluginArgs } from '../profile.ts';
import { MAX_CHUNKS } from '../scan/parallel/board.ts';
import type { ScanPool } from '../scan/parallel/pool.ts';
import type { ScanProfile } from '../scan/scan-profile.ts';
import { type JudgedRows, judgeRows, makeJudged, type RowRules } from './judge-rows.ts';
import { type JudgedClass, pieceOf } from './judged-class.ts';
import type { RowFacts } from './row-facts.ts';

/** From so many rows on, times the classes to be built at once, threads judge them. Measured: bench/classes.bench.ts. */
export const PARALLEL_CLASSES_FROM = 200_000;

/** A class that is all there but for what is known of its rows. */
export interface Unjudged {
  rules: RowRules;
  pod: PodRequest;
  profile: ScanProfile;
}

export class RowJudges {
  readonly #view: View;
  readonly #facts: RowFacts;
  readonly #pool: ScanPool | undefined;
  readonly #from: number;

  /** @param facts in step with the cluster whenever rows are judged; over shared memory where there is a pool. */
  constructor(view: View, facts: RowFacts, pool?: ScanPool, from = PARALLEL_CLASSES_FROM) {
    this.#view = view;
    this.#facts = facts;
    this.#pool = pool;
    this.#from = from;
  }

  /** Whether there are threads besides this one. */
  get areMany(): boolean {
    return this.#pool !== undefined && this.#pool.threads > 1;
  }

  /** [i]: every row, as the columns are now, for classes[i]. */
  judge(classes: readonly Unjudged[]): JudgedRows[] {
    const { rows } = this.#view.cluster;
    const judged = new Array<JudgedRows | undefined>(classes.length);
    if (this.#pool && classes.length > 0 && rows * classes.length >= this.#from)
      this.#share(classes, judged, this.#pool);
    return classes.map((one, i) => {
      const alone = judged[i] ?? makeJudged(rows, false);
      if (!judged[i]) this.#judge(one, 0, rows, alone);
      return alone;
    });
  }

  #judge({ rules, pod }: Unjudged, from: number, to: number, into: JudgedRows): void {
    judgeRows(rules, pod, this.#view, this.#facts, from, to, into);
  }

  /** Those that can be posted, where nobody fails. */
  #share(classes: readonly Unjudged[], judged: (JudgedRows | undefined)[], pool: ScanPool): void {
    const { rows } = this.#view.cluster;
    const byArgs = new Map<PluginArgs, Shared[]>();
    for (const [i, one] of classes.entries()) {
      const posted = post(one);
      if (!posted) continue;
      const list = byArgs.get(one.profile.args);
      const into = makeJudged(rows, true);
      const shared: Shared = { i, one, into, posted: { rules: posted, ...into } };
      if (list) list.push(shared);
      else byArgs.set(one.profile.args, [shared]);
    }
    for (const [args, list] of byArgs) {
      const pieces = Math.min(MAX_CHUNKS, Math.ceil((PIECES_PER_THREAD * pool.threads) / list.length));
      const atOnce = Math.floor(MAX_CHUNKS / pieces);
      for (let from = 0; from < list.length; from += atOnce) {
        const some = list.slice(from, from + atOnce);
        if (!this.#run(some, pieces, args, pool)) continue; // What they wrote is rubbish, and may be written to yet.
        for (const { i, into } of some) judged[i] = into;
      }
    }
  }

  #run(some: readonly Shared[], pieces: number, args: PluginArgs, pool: ScanPool): boolean {
    const { rows, columns, nodeCount } = this.#view.cluster;
    const work = { pass: 'classes', classes: some.map(({ posted }) => posted), pieces, rows } as const;
    const job = { work, length: some.length * pieces, chunk: 1, nodeCount };
    return pool.run(job, { columns, args, facts: this.#facts.shared }, (unit) => {
      const { one, into } = some[Math.floor(unit / pieces)];
      const [from, to] = pieceOf(unit % pieces, pieces, rows);
      this.#judge(one, from, to, into);
    });
  }
}

/** Classes are cut into pieces until each thread has so many to take: one that comes late takes fewer. */
const PIECES_PER_THREAD = 3;

interface Shared {
  i: number;
  one: Unjudged;
  into: JudgedRows;
  posted: JudgedClass;
}

/** Undefined where other threads lack a plugin, or its facts. */
function post({ rules, profile }: Unjudged): RowRules<string> | undefined {
  const filters: RowRules<string>['filters'][number][] = [];
  const scores: RowRules<string>['scores'][number][] = [];
  const may = (plugin: AnyPackedPlugin): boolean => !profile.outside.has(plugin);
  for (const { plugin, facts, self } of rules.filters) {
    const posted = may(plugin) ? plugin.onWorkers?.filter?.(facts) : undefined;
    if (!posted) return undefined;
    filters.push({ plugin: plugin.name, facts: posted.facts, self });
  }
  for (const { plugin, facts, weight } of rules.scores) {
    const posted = may(plugin) ? plugin.onWorkers?.score?.(facts) : undefined;
    if (!posted) return undefined;
    scores.push({ plugin: plugin.name, facts: posted.facts, weight });
  }
  return { filters, checked: rules.checked, weighed: rules.weighed, scores };
}
