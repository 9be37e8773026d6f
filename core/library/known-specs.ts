/**
 * Specs of pods that were found good before: most pods are stamped from a few templates, and checking and completing each
 * of them anew costs more than deciding for it. Specs are compared field by field with a copy that nobody else holds.
 */
import { deepEqual } from '../cluster/same-make.ts';
import type { PodSpec } from '../objects/types.ts';

/** A spec that passed all checks without a remark. */
export interface KnownSpec {
  readonly spec: PodSpec;
  /** With what an API server fills in, where that does not depend on the pod's labels. */
  completed?: PodSpec;
}

interface Entry {
  known: KnownSpec | undefined;
  /** Others that looked like it at a glance since it last came. */
  strangers: number;
}

/** When so many looks are kept, all go, and come again as they are needed. */
const MAX_LOOKS = 4096;
/** A spec has to come that often, without the known one of its look in between, to be copied. */
const WORTH_A_COPY = 2;

export class KnownSpecs {
  readonly #entries = new Map<string, Entry>();
  /** Pods of one make come in a row. */
  #last: KnownSpec | undefined;

  /** @param spec anything. */
  find(spec: unknown): KnownSpec | undefined {
    const last = this.#last;
    if (last && deepEqual(spec, last.spec)) return last;
    const look = lookOf(spec);
    const entry = look === undefined ? undefined : this.#entries.get(look);
    if (!entry?.known || !deepEqual(spec, entry.known.spec)) return undefined;
    entry.strangers = 0;
    return (this.#last = entry.known);
  }

  /** @param spec good, and not known. */
  remember(spec: PodSpec): KnownSpec | undefined {
    const look = lookOf(spec);
    if (look === undefined) return undefined;
    let entry = this.#entries.get(look);
    if (!entry) {
      if (this.#entries.size >= MAX_LOOKS) this.#entries.clear();
      entry = { known: undefined, strangers: 0 };
      this.#entries.set(look, entry);
    }
    entry.strangers++;
    if (entry.strangers < WORTH_A_COPY) return undefined;
    entry.strangers = 0;
    entry.known = { spec: frozen(structuredClone(spec)) };
    return (this.#last = entry.known);
  }

  clear(): void {
    this.#entries.clear();
    this.#last = undefined;
  }
}

/** Most templates differ in what their first container runs and asks for. Undefined for what is no good spec. */
function lookOf(spec: unknown): string | undefined {
  const containers = (spec as Partial<PodSpec> | null | undefined)?.containers;
  const first = Array.isArray(containers) ? (containers[0] as PodSpec['containers'][0] | null) : undefined;
  const { image = '', resources } = first ?? {};
  const { cpu = '', memory = '' } = resources?.requests ?? {};
  return isShort(image) && isShort(cpu) && isShort(memory) ? `${image}/${cpu}/${memory}` : undefined;
}

function isShort(text: unknown): boolean {
  return typeof text === 'number' || (typeof text === 'string' && text.length < 200);
}

/** All pods of a make share its parts: who changes one is told so. */
export function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  for (const part of Object.values(value)) frozen(part);
  return Object.freeze(value);
}
