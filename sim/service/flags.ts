/** The flags of a simulated service, by name: all that its figures depend on. */
/** All have a value but `weighted`, which is a switch. */
export const SERVICE_FLAGS = [
  'trace',
  'policy',
  'requests',
  'rate',
  'load',
  'service-time',
  'token-time',
  'servers',
  'concurrency',
  'speeds',
  'weighted',
  'balancers',
  'clients',
  'attempts',
  'affinity',
  'slow-start',
  'eject',
  'zones',
  'zone-clients',
  'zone-routing',
  'fail',
  'scale',
  'rollout',
  'seeds',
] as const;

/** What the user wrote, by flag; '' for a switch. */
export type ServiceTexts = Partial<Record<(typeof SERVICE_FLAGS)[number], string>>;
