/** Pods for properties: few names and values, so that they collide. */
import fc from 'fast-check';

type Json = Record<string, unknown>;

const few = fc.constantFrom('a', 'b', 'c');
const labels = fc.dictionary(few, fc.constantFrom('1', '2'), { maxKeys: 3, noNullPrototype: true });

function some<T>(item: fc.Arbitrary<T>, key: (item: T) => unknown): fc.Arbitrary<T[]> {
  return fc.uniqueArray(item, { selector: key, maxLength: 4 });
}

function partly(fields: Record<string, fc.Arbitrary<unknown>>, required: string[]): fc.Arbitrary<Json> {
  return fc.record(fields, { requiredKeys: required, noNullPrototype: true }) as fc.Arbitrary<Json>;
}

const port = partly({ containerPort: fc.constantFrom(80, 81), protocol: fc.constantFrom('TCP', 'UDP'), name: few }, [
  'containerPort',
]);
const container = partly(
  {
    name: few,
    image: few,
    args: fc.array(few, { maxLength: 2 }),
    env: some(partly({ name: few, value: few }, ['name']), (item) => item.name),
    ports: some(port, (item) => item.containerPort),
    resources: partly(
      { limits: fc.dictionary(few, fc.constantFrom('1', '2'), { maxKeys: 2, noNullPrototype: true }) },
      [],
    ),
  },
  ['name'],
);

/** With merged lists, sets, lists and maps owned as a whole, and plain fields. */
export const podObjects: fc.Arbitrary<Json> = fc.record(
  {
    apiVersion: fc.constant('v1'),
    kind: fc.constant('Pod'),
    metadata: partly(
      { name: fc.constant('p'), labels, annotations: labels, finalizers: fc.uniqueArray(few, { maxLength: 3 }) },
      ['name'],
    ),
    spec: partly(
      {
        containers: some(container, (item) => item.name),
        nodeSelector: labels,
        hostname: few,
        priority: fc.nat(2),
        tolerations: fc.array(partly({ key: few, operator: few }, []), { maxLength: 2 }),
        securityContext: partly({ runAsUser: fc.nat(2), runAsGroup: fc.nat(2) }, []),
        imagePullSecrets: some(fc.record({ name: few }, { noNullPrototype: true }), (item) => item.name),
      },
      [],
    ),
  },
  { noNullPrototype: true },
);
