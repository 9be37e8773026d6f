/**
 * The commands that rules.ts writes, carried out on plain maps as strictly as the kernel does: what is added is not there
 * yet, what is deleted is there and is used by nobody, and what is named exists.
 */
import { TABLE } from '../../../../runtime/proxy/nftables/layout.ts';

interface SetState {
  declaration: string;
  elements: Map<string, string>;
}

export class Table {
  readonly sets = new Map<string, SetState>();
  readonly chains = new Map<string, { declaration: string; rules: string[] }>();
  #there = false;

  run(commands: string): void {
    for (const line of commands.split('\n')) {
      if (line !== '') this.#command(line);
    }
    this.#checkNames();
  }

  /** All that the kernel would have, in an order of its own. */
  content(): string[] {
    const lines: string[] = [];
    for (const [name, { declaration, elements }] of this.sets) {
      lines.push(`set ${name} ${declaration}`);
      for (const [key, value] of elements) lines.push(`element ${name} ${key}${value === '' ? '' : ` : ${value}`}`);
    }
    for (const [name, { declaration, rules }] of this.chains) lines.push(`chain ${name} ${declaration}`, ...rules);
    return lines.sort();
  }

  /** By key. */
  elements(set: string): Map<string, string> {
    return found(this.sets, set).elements;
  }

  #command(line: string): void {
    const [, verb, kind, rest = ''] = /^(add|delete|flush) (table|set|map|element|chain|rule) inet keelson ?(.*)$/.exec(
      line,
    ) ?? [undefined, '', ''];
    const [name, ...more] = rest.split(' ');
    const body = more.join(' ');
    if (kind === 'table') this.#table(verb);
    else if (!this.#there) throw new Error(`no table: ${line}`);
    else if (kind === 'set' || kind === 'map') this.#set(verb, name, body);
    else if (kind === 'element') this.#elements(verb, name, body);
    else if (kind === 'chain') this.#chain(verb, name, body);
    else if (kind === 'rule' && verb === 'add') found(this.chains, name).rules.push(`${name}: ${body}`);
    else throw new Error(`not understood: ${line}`);
  }

  #table(verb: string): void {
    if (verb === 'delete' && !this.#there) throw new Error('no table to delete');
    this.#there = verb === 'add';
    if (verb !== 'delete') return;
    this.sets.clear();
    this.chains.clear();
  }

  #set(verb: string, name: string, declaration: string): void {
    if (verb === 'add') addNew(this.sets, name, { declaration, elements: new Map() });
    else {
      found(this.sets, name);
      this.#unused(`@${name}`);
      this.sets.delete(name);
    }
  }

  #elements(verb: string, name: string, body: string): void {
    const { elements } = found(this.sets, name);
    for (const text of body.slice(2, -2).split(', ')) {
      const [key, value = ''] = text.split(' : ');
      if (verb === 'add') addNew(elements, key, value);
      else if (!elements.delete(key)) throw new Error(`${name} has no ${key}`);
    }
  }

  #chain(verb: string, name: string, declaration: string): void {
    if (verb === 'add') addNew(this.chains, name, { declaration, rules: [] });
    else if (verb === 'flush') found(this.chains, name).rules = [];
    else if (found(this.chains, name).rules.length > 0) throw new Error(`${name} is deleted with its rules`);
    else {
      this.#unused(name);
      this.chains.delete(name);
    }
  }

  /** What names chains, or sets as '@NAME'. */
  *#texts(): Generator<string> {
    for (const { rules } of this.chains.values()) yield* rules;
    for (const { elements } of this.sets.values()) for (const value of elements.values()) if (value !== '') yield value;
  }

  #unused(name: string): void {
    for (const rule of this.#texts()) {
      if (rule.includes(name) && namesIn(rule).includes(name)) throw new Error(`${name} is deleted while it is used`);
    }
  }

  #checkNames(): void {
    const names = new Set([...this.#texts()].flatMap(namesIn));
    for (const name of names) {
      if (name.startsWith('@')) found(this.sets, name.slice(1));
      else found(this.chains, name);
    }
  }
}

/** A table that took this from nothing. */
export function tableOf(commands: string): Table {
  const table = new Table();
  table.run(commands);
  return table;
}

function namesIn(rule: string): string[] {
  const jumps = [...rule.matchAll(/\b(?:goto|jump) ([^\s,]+)/g)].map(([, name]) => name);
  return [...jumps, ...[...rule.matchAll(/@[\w./-]+/g)].map(([name]) => name)];
}

function found<T>(map: ReadonlyMap<string, T>, name: string): T {
  const value = map.get(name);
  if (value === undefined) throw new Error(`${TABLE} has no ${name}`);
  return value;
}

function addNew<T>(map: Map<string, T>, name: string, value: T): void {
  if (map.has(name)) throw new Error(`${name} is there already`);
  map.set(name, value);
}
