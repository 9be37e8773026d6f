/** Where the engine stops remembering and lets the scan look. */
export interface EngineLimits {
  /** The how-manieth pod of a class has it built: a pod alone in its class is cheaper to scan. */
  buildFrom: 1 | 2;
  /** So many classes are built for their first pod in the hope of a second; each that gets it lets another one be. */
  onCredit: number;
  /** Topology keys with more values than this are fine keys, if each value belongs to one node (topology.ts). */
  coarseValues: number;
  /** Values of a key that several nodes share; more of them make too many groups. */
  maxValues: number;
  /** More groups than this cost more than they save. */
  maxGroups: number;
}

export const DEFAULT_LIMITS: EngineLimits = {
  buildFrom: 2,
  onCredit: 16,
  coarseValues: 32,
  maxValues: 1024,
  maxGroups: 2048,
};
