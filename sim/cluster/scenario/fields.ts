/** The fields of one map of a scenario, read one by one; what is wrong or left over is reported with its path. */
import type { Segment } from '../../../core/index.ts';
import { parseRange, parseSpan, type Range } from '../world/pod-life.ts';

export type Report = (path: readonly Segment[], message: string) => void;

export class Fields {
  readonly #value: Record<string, unknown>;
  readonly #path: readonly Segment[];
  readonly #report: Report;
  readonly #read = new Set<string>();

  constructor(value: Record<string, unknown>, path: readonly Segment[], report: Report) {
    this.#value = value;
    this.#path = path;
    this.#report = report;
  }

  get path(): readonly Segment[] {
    return this.#path;
  }

  has(name: string): boolean {
    return this.#value[name] !== undefined && this.#value[name] !== null;
  }

  raw(name: string): unknown {
    this.#read.add(name);
    return this.#value[name] ?? undefined;
  }

  wrong(name: string, message: string): void {
    this.#report(name === '' ? this.#path : [...this.#path, name], message);
  }

  text(name: string): string | undefined {
    const value = this.raw(name);
    if (value === undefined || (typeof value === 'string' && value !== '')) return value;
    this.wrong(name, `${show(value)} is not a text`);
    return undefined;
  }

  /** One, several with commas between them, or a list. */
  texts(name: string): string[] | undefined {
    const value = this.raw(name);
    if (value === undefined) return undefined;
    const items = typeof value === 'string' ? value.split(',').map((one) => one.trim()) : value;
    if (Array.isArray(items) && items.length > 0 && items.every((one) => typeof one === 'string' && one !== '')) {
      return items;
    }
    this.wrong(name, `${show(value)} is not a name, nor a list of names`);
    return undefined;
  }

  required<T>(name: string, value: T | undefined): value is T {
    if (value === undefined && !this.has(name)) this.wrong(name, 'is missing');
    return value !== undefined;
  }

  span(name: string): number | undefined {
    const value = this.raw(name);
    if (value === undefined) return undefined;
    const ms = typeof value === 'string' ? parseSpan(value) : undefined;
    if (ms === undefined) this.wrong(name, `${show(value)} is no time (30s, 5m, 1h)`);
    return ms;
  }

  range(name: string, otherwise: Range): Range {
    const value = this.raw(name);
    if (value === undefined) return otherwise;
    const range = typeof value === 'string' ? parseRange(value) : undefined;
    if (range === undefined) this.wrong(name, `${show(value)} is no time, nor a range of times (2s, or 1s..3s)`);
    return range ?? otherwise;
  }

  whole(name: string, least: number, most: number): number | undefined {
    const value = this.raw(name);
    if (value === undefined) return undefined;
    const number = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value;
    if (typeof number === 'number' && Number.isInteger(number) && number >= least && number <= most) return number;
    this.wrong(name, `${show(value)} is not a whole number from ${least} to ${most}`);
    return undefined;
  }

  flag(name: string, otherwise: boolean): boolean {
    const value = this.raw(name);
    if (value === undefined) return otherwise;
    if (value === true || value === 'true') return true;
    if (value !== false && value !== 'false') this.wrong(name, `${show(value)} is neither true nor false`);
    return false;
  }

  choice<T extends string>(name: string, choices: readonly T[]): T | undefined {
    const value = this.raw(name);
    const found = choices.find((one) => one === value);
    if (value !== undefined && !found) this.wrong(name, `${show(value)} is none of ${choices.join(', ')}`);
    return found;
  }

  /** After all were asked for. */
  nothingElse(): void {
    for (const name of Object.keys(this.#value)) {
      if (!this.#read.has(name)) this.wrong(name, `is unknown; there are ${[...this.#read].join(', ')}`);
    }
  }
}

export function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function show(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
