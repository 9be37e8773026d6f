/** Work that one process of several does at a time: the scheduler loop, the controllers. */

/** Started when leadership is gained, stopped when it is lost; both may come again. */
export interface Led {
  /** Rejects when it cannot begin: leadership is given back, and sought anew. */
  start(): Promise<void>;
  /** When it resolves nothing more is written. */
  stop(): void | Promise<void>;
}

export interface Candidacy {
  readonly leads: boolean;
  /** Stops the work where it runs, and leaves leadership to others at once. */
  stop(): Promise<void>;
}

/**
 * Resolves when the work has begun, or when it is known that somebody else leads. Rejects when the first start() does.
 * @param name of the Lease: 'keelson-scheduler'.
 */
export type Lead = (name: string, led: Led) => Promise<Candidacy>;

/** Where no other process can be: a store that one process has for itself. */
export const leadAlone: Lead = async (_name, led) => {
  await led.start();
  return {
    leads: true,
    stop: async () => led.stop(),
  };
};
