/**
 * The servers of a run: each works on so many requests at a time, the others wait in the order of their arrival. State is
 * in columns, and the ends of work in a heap of places, so that a request leaves nothing to be collected.
 */
import FastPriorityQueue from 'fastpriorityqueue';

/** No request, no place. */
export const NONE = -1;

export class Servers {
  readonly count: number;
  // By server.
  readonly speeds: Float64Array;
  readonly up: Uint8Array;
  /** Being worked on and waiting. */
  readonly present: Int32Array;
  /** The most that were ever present. */
  readonly peak: Int32Array;
  readonly served: Int32Array;
  /** Time that its places were taken, summed over the places. */
  readonly busyUs: Float64Array;
  readonly lastEndUs: Float64Array;
  // By place: server × concurrency, and on.
  readonly endUs: Float64Array;
  readonly #startUs: Float64Array;
  readonly #request: Int32Array;
  readonly #concurrency: number;
  /** Free places of a server are a stack of `concurrency - running` from its first place on. */
  readonly #free: Int32Array;
  readonly #running: Int32Array;
  // Who waits: a chain through the requests.
  readonly #first: Int32Array;
  readonly #last: Int32Array;
  readonly #next: Int32Array;
  /** Places where work goes on, by its end; of equal ends the lower place. */
  readonly #ends: FastPriorityQueue<number>;

  constructor(speeds: Float64Array, concurrency: number, requests: number) {
    const count = speeds.length;
    const places = count * concurrency;
    this.count = count;
    this.speeds = speeds;
    this.up = new Uint8Array(count).fill(1);
    this.present = new Int32Array(count);
    this.peak = new Int32Array(count);
    this.served = new Int32Array(count);
    this.busyUs = new Float64Array(count);
    this.lastEndUs = new Float64Array(count);
    this.endUs = new Float64Array(places);
    this.#startUs = new Float64Array(places);
    this.#request = new Int32Array(places).fill(NONE);
    this.#concurrency = concurrency;
    this.#free = Int32Array.from({ length: places }, (_, i) => {
      const server = Math.floor(i / concurrency);
      return server * concurrency + (concurrency - 1 - (i - server * concurrency));
    });
    this.#running = new Int32Array(count);
    this.#first = new Int32Array(count).fill(NONE);
    this.#last = new Int32Array(count).fill(NONE);
    this.#next = new Int32Array(requests);
    const { endUs } = this;
    this.#ends = new FastPriorityQueue((a, b) => endUs[a] < endUs[b] || (endUs[a] === endUs[b] && a < b));
  }

  /** The place where work ends next; NONE where nobody works. */
  nextEnd(): number {
    return this.#ends.isEmpty() ? NONE : (this.#ends.peek() as number);
  }

  /** A request comes to a server that is up. */
  accept(server: number, request: number, workUs: Float64Array, nowUs: number): void {
    const present = ++this.present[server];
    if (present > this.peak[server]) this.peak[server] = present;
    if (this.#running[server] === this.#concurrency) {
      this.#queue(server, request);
      return;
    }
    const running = this.#running[server]++;
    const place = this.#free[server * this.#concurrency + this.#concurrency - 1 - running];
    this.#start(place, server, request, workUs, nowUs);
    this.#ends.add(place);
  }

  /** Ends the work at the place of `nextEnd`, begins with who waits longest there, and returns the request that ended. */
  finish(place: number, workUs: Float64Array): number {
    const server = this.serverAt(place);
    const request = this.#request[place];
    const nowUs = this.endUs[place];
    this.#leave(place, server, nowUs);
    this.served[server]++;
    const waiting = this.#first[server];
    if (waiting === NONE) {
      this.#ends.poll();
      this.#release(place, server);
      return request;
    }
    this.#first[server] = this.#next[waiting];
    this.#start(place, server, waiting, workUs, nowUs);
    this.#ends.replaceTop(place);
    return request;
  }

  /** The server is down, and empty: returns what it worked on and who waited, those that came first in front. */
  reset(server: number, nowUs: number): number[] {
    this.up[server] = 0;
    const places = this.#ends.removeMany((place) => this.serverAt(place) === server);
    const lost = places
      .sort((a, b) => this.#startUs[a] - this.#startUs[b] || a - b)
      .map((place) => {
        const request = this.#request[place];
        this.#leave(place, server, nowUs);
        this.#release(place, server);
        return request;
      });
    for (let request = this.#first[server]; request !== NONE; request = this.#next[request]) lost.push(request);
    this.#first[server] = NONE;
    this.present[server] = 0;
    return lost;
  }

  serverAt(place: number): number {
    return (place / this.#concurrency) | 0;
  }

  #queue(server: number, request: number): void {
    this.#next[request] = NONE;
    if (this.#first[server] === NONE) this.#first[server] = request;
    else this.#next[this.#last[server]] = request;
    this.#last[server] = request;
  }

  #start(place: number, server: number, request: number, workUs: Float64Array, nowUs: number): void {
    this.#request[place] = request;
    this.#startUs[place] = nowUs;
    this.endUs[place] = nowUs + workUs[request] / this.speeds[server];
  }

  #leave(place: number, server: number, nowUs: number): void {
    this.present[server]--;
    this.busyUs[server] += nowUs - this.#startUs[place];
    this.lastEndUs[server] = nowUs;
  }

  #release(place: number, server: number): void {
    const running = --this.#running[server];
    this.#free[server * this.#concurrency + this.#concurrency - 1 - running] = place;
    this.#request[place] = NONE;
  }
}
