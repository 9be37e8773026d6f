/**
 * Fragmentation with memory: the same few combinations of model, milli per device and CPU come again on many nodes, after
 * many placements, and in every run of a trace; each is computed once.
 */
import { DEVICE_MILLI } from '../traces/openb.ts';
import { type ChooseByFragment, type FragmentChoice, FragmentRule, type Fragments, type TypicalPod } from './frag.ts';
import type { GpuDevices } from './gpu-devices.ts';
import type { PodShape } from './pod-shape.ts';

/** What is left on each device of a node of some model. Nodes that stand alike share one, with what is known of it. */
export class Standing {
  readonly left: readonly number[];
  readonly model: number;
  /** [CPU steps at or below what is left of CPU]: F; nothing until it is asked. */
  readonly fragment: number[] = [];
  /** By device and milli: how the node stands with so many less there. */
  without: Map<number, Standing> | undefined;
  /** By what is asked of the devices, and the steps of CPU before and after. */
  choices: Map<number, FragmentChoice> | undefined;

  constructor(left: readonly number[], model: number) {
    this.left = left;
    this.model = model;
  }

  isLike(left: readonly number[], model: number): boolean {
    if (this.model !== model || this.left.length !== left.length) return false;
    for (let d = 0; d < left.length; d++) if (this.left[d] !== left[d]) return false;
    return true;
  }
}

const MAX_STANDINGS = 65_536;

/** How nodes have stood, for all runs of one trace. */
export class Standings {
  readonly #rule: FragmentRule;
  readonly #limit: number;
  readonly #byHash = new Map<number, Standing[]>();
  #size = 0;

  /** @param limit when so many are remembered, all go, and come again as they are needed. */
  constructor(typical: readonly TypicalPod[], limit = MAX_STANDINGS) {
    this.#rule = new FragmentRule(typical);
    this.#limit = limit;
  }

  /** Standings remembered now. */
  get size(): number {
    return this.#size;
  }

  /** The one with so much left on its devices. `left` is kept. */
  find(left: readonly number[], model: number): Standing {
    let hash = model;
    for (let d = 0; d < left.length; d++) hash = (Math.imul(hash, 0x01000193) + left[d]) | 0;
    const alike = this.#byHash.get(hash)?.find((standing) => standing.isLike(left, model));
    if (alike) return alike;
    if (this.#size >= this.#limit) {
      this.#byHash.clear();
      this.#size = 0;
    }
    const found = new Standing(left, model);
    const others = this.#byHash.get(hash);
    if (others) others.push(found);
    else this.#byHash.set(hash, [found]);
    this.#size++;
    return found;
  }

  /** The one with `milli` less on one device. */
  without(standing: Standing, device: number, milli: number): Standing {
    const key = device * (DEVICE_MILLI + 1) + milli;
    let found = standing.without?.get(key);
    if (!found) {
      const left = [...standing.left];
      left[device] -= milli;
      found = this.find(left, standing.model);
      standing.without ??= new Map();
      standing.without.set(key, found);
    }
    return found;
  }

  /** F in milli. */
  fragment({ left, model, fragment }: Standing, cpuLeft: number): number {
    const step = this.#stepOf(cpuLeft);
    while (fragment.length <= step) fragment.push(Number.NaN);
    if (Number.isNaN(fragment[step])) fragment[step] = this.#rule.of(left, model, cpuLeft);
    return fragment[step];
  }

  /** Equal for asks that the same devices and fragments are the answer to, on nodes that stand alike. */
  choiceKey({ gpus, gpuMilli, cpuMilli }: PodShape, cpuLeft: number): number {
    const steps = this.#rule.cpuSteps.length + 1;
    const asked = gpus * (DEVICE_MILLI + 1) + gpuMilli;
    return (asked * steps + this.#stepOf(cpuLeft)) * steps + this.#stepOf(cpuLeft - cpuMilli);
  }

  #stepOf(cpuLeft: number): number {
    const steps = this.#rule.cpuSteps;
    let step = 0;
    while (step < steps.length && steps[step] <= cpuLeft) step++;
    return step;
  }
}

export class Fragmentation implements Fragments {
  readonly #devices: GpuDevices;
  readonly #standings: Standings;
  /** [row]: how it stood at that version of its devices. */
  readonly #of: (Standing | undefined)[];
  readonly #version: Int32Array;

  constructor(devices: GpuDevices, standings: Standings) {
    this.#devices = devices;
    this.#standings = standings;
    this.#of = new Array<Standing | undefined>(devices.rows).fill(undefined);
    this.#version = new Int32Array(devices.rows);
  }

  of(n: number, cpuLeft: number): number {
    return this.#standings.fragment(this.#standing(n), cpuLeft);
  }

  after(n: number, cpuLeft: number, chosen: readonly number[], gpuMilli: number): number {
    let standing = this.#standing(n);
    for (let i = 0; i < chosen.length; i++) standing = this.#standings.without(standing, chosen[i], gpuMilli);
    return this.#standings.fragment(standing, cpuLeft);
  }

  choice(shape: PodShape, n: number, cpuLeft: number, choose: ChooseByFragment): FragmentChoice {
    const standing = this.#standing(n);
    const key = this.#standings.choiceKey(shape, cpuLeft);
    let found = standing.choices?.get(key);
    if (!found) {
      found = choose(shape, n, cpuLeft);
      standing.choices ??= new Map();
      standing.choices.set(key, found);
    }
    return found;
  }

  #standing(n: number): Standing {
    const { version, left, model, count, width } = this.#devices;
    const known = this.#of[n];
    if (known && this.#version[n] === version[n]) return known;
    const devices: number[] = [];
    for (let d = 0; d < count[n]; d++) devices.push(left[n * width + d]);
    const found = this.#standings.find(devices, model[n]);
    this.#of[n] = found;
    this.#version[n] = version[n];
    return found;
  }
}
