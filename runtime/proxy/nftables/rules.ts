/**
 * Frontends → the commands that bring the table from one state to the next, for `nft -f -`: pure, and one transaction.
 * A part that several frontends need is counted: the first brings it, the last takes it away.
 */
import type { Frontend } from '../../../core/index.ts';
import { addParts, type ElementPart, type Part, type RulesOptions } from './frontend-parts.ts';
import { baseCommands, TABLE } from './layout.ts';

/** Elements of one command. */
const CHUNK = 1000;

interface Counted {
  part: Part;
  count: number;
}

interface Change {
  /** The part before and after, as it is for one frontend. */
  was: Part | undefined;
  now: Part | undefined;
  /** By how many frontends more need it. */
  by: number;
}

export class Ruleset {
  readonly #options: RulesOptions;
  readonly #frontends = new Map<string, Frontend>();
  readonly #shared = new Map<string, Counted>();

  constructor(options: RulesOptions) {
    this.#options = options;
  }

  /**
   * What changes when these frontends are so from now on, by frontendKey; undefined: gone. Empty: nothing does.
   * Two frontends that lead to one list of endpoints change together.
   */
  change(frontends: ReadonlyMap<string, Frontend | undefined>): string {
    const changes = new Map<string, Change>();
    for (const [key, now] of frontends) {
      const was = this.#frontends.get(key);
      if (was) addParts(was, this.#options, (part) => count(changes, part, -1));
      if (now) addParts(now, this.#options, (part) => count(changes, part, 1));
      if (now) this.#frontends.set(key, now);
      else this.#frontends.delete(key);
    }
    for (const [id, change] of changes) this.#settle(id, change);
    return commandsOf(changes.values());
  }

  /** All of the present state, in place of whatever table there is. `owner` names a chain that tells whose it is. */
  full(owner: string): string {
    const all = new Ruleset(this.#options).change(this.#frontends);
    return `${baseCommands(this.#options, owner).join('\n')}\n${all}`;
  }

  /** Makes of one change's view of a shared part the table's. */
  #settle(id: string, change: Change): void {
    const part = change.now ?? change.was;
    if (part === undefined || (part.kind === 'element' && !part.shared)) return;
    const before = this.#shared.get(id);
    const total = (before?.count ?? 0) + change.by;
    change.was = before?.part;
    change.now = total > 0 ? (change.now ?? before?.part) : undefined;
    if (change.now) this.#shared.set(id, { part: change.now, count: total });
    else this.#shared.delete(id);
  }
}

function count(changes: Map<string, Change>, part: Part, by: 1 | -1): void {
  const id = part.kind === 'element' ? `${part.set} ${part.key}` : `${part.kind} ${part.name}`;
  let change = changes.get(id);
  if (!change) changes.set(id, (change = { was: undefined, now: undefined, by: 0 }));
  change.by += by;
  if (by > 0) change.now = part;
  else change.was = part;
}

// --- text ----------------------------------------------------------------------------------------------------------

/** In an order in which nothing is named before it is there, or taken away while it is named. */
function commandsOf(changes: Iterable<Change>): string {
  const born: string[] = [];
  const rules: string[] = [];
  const emptied: string[] = [];
  const buried: string[] = [];
  const goneSets: string[] = [];
  const elements = { delete: new Map<string, string[]>(), add: new Map<string, string[]>() };
  for (const { was, now } of changes) {
    if (was && now && isSame(was, now)) continue;
    if (was?.kind === 'element') push(elements.delete, was, was.key);
    if (now?.kind === 'element') push(elements.add, now, now.value === '' ? now.key : `${now.key} : ${now.value}`);
    if (now?.kind === 'set') born.push(`add set ${TABLE} ${now.name} { ${now.body} }`);
    else if (was?.kind === 'set') goneSets.push(`delete set ${TABLE} ${was.name}`);
    if (now?.kind === 'chain') {
      (was ? rules : born).push(`${was ? 'flush' : 'add'} chain ${TABLE} ${now.name}`);
      for (const rule of now.rules) rules.push(`add rule ${TABLE} ${now.name} ${rule}`);
    } else if (was?.kind === 'chain') {
      emptied.push(`flush chain ${TABLE} ${was.name}`);
      buried.push(`delete chain ${TABLE} ${was.name}`);
    }
  }
  const all = [
    born,
    inChunks('delete', elements.delete),
    rules,
    inChunks('add', elements.add),
    emptied,
    buried,
    goneSets,
  ];
  return all.map((commands) => commands.map((command) => `${command}\n`).join('')).join('');
}

function isSame(a: Part, b: Part): boolean {
  if (a.kind === 'element') return a.value === (b as ElementPart).value;
  return a.kind === 'chain' && b.kind === 'chain' ? a.rules.join('\n') === b.rules.join('\n') : true;
}

function push(to: Map<string, string[]>, { set }: ElementPart, text: string): void {
  const list = to.get(set);
  if (list) list.push(text);
  else to.set(set, [text]);
}

function inChunks(verb: string, elements: ReadonlyMap<string, string[]>): string[] {
  const commands: string[] = [];
  for (const [set, texts] of elements) {
    for (let from = 0; from < texts.length; from += CHUNK)
      commands.push(`${verb} element ${TABLE} ${set} { ${texts.slice(from, from + CHUNK).join(', ')} }`);
  }
  return commands;
}
