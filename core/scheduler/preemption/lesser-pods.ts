/**
 * The pods of one row that have less than some priority, the most important first; equals in NodeInfo order. One row at a
 * time, in arrays that are only grown.
 */
import type { PlacedPod } from '../../cluster/placed-pod.ts';
import type { PodRequest } from '../../cluster/pod-request.ts';
import { startTimeOf } from './importance.ts';

/** From so many pods on, sorting by insertion costs more than sorting at large. */
const MANY = 32;

export class LesserPods {
  count = 0;
  /** Some have no start time, and count as starting now. */
  undated = false;
  readonly #pods: PodRequest[] = [];
  /** In ms. */
  readonly #starts: number[] = [];
  /** Places in the two above. */
  #order: number[] = [];
  /** The last start time that was read: pods of one Deployment often share it. */
  #text: string | undefined;
  #startOfText = 0;

  /** @param now for pods without a start time, in ms. */
  gather(placed: readonly PlacedPod[], priority: number, now: number): void {
    this.count = 0;
    this.undated = false;
    for (let i = 0; i < placed.length; i++) {
      const { request } = placed[i];
      if (request.priority < priority) this.#append(request, now);
    }
    if (this.count > MANY) this.#sort();
  }

  /** The i-th, from 0; `count` of them. */
  at(i: number): PodRequest {
    return this.#pods[this.#order[i]];
  }

  startAt(i: number): number {
    return this.#starts[this.#order[i]];
  }

  #append(request: PodRequest, now: number): void {
    const at = this.count++;
    const start = this.#startOf(request);
    this.#pods[at] = request;
    this.#starts[at] = Number.isNaN(start) ? now : start;
    if (Number.isNaN(start)) this.undated = true;
    let i = at;
    const order = this.#order;
    if (at < MANY) for (; i > 0 && this.#compare(order[i - 1], at) > 0; i--) order[i] = order[i - 1];
    order[i] = at;
  }

  #startOf({ pod }: PodRequest): number {
    const text = pod.status?.startTime;
    if (text !== this.#text || text === undefined) {
      this.#startOfText = startTimeOf(pod, Number.NaN);
      this.#text = text;
    }
    return this.#startOfText;
  }

  #sort(): void {
    this.#order.length = this.count;
    this.#order = this.#order.sort((a, b) => this.#compare(a, b));
  }

  #compare(a: number, b: number): number {
    return this.#pods[b].priority - this.#pods[a].priority || this.#starts[a] - this.#starts[b];
  }
}
