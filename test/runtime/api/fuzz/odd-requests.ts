/** Requests about objects that are nearly right: every kind, every verb, every subresource that is written, odd queries. */
import type { Random } from '../../../../core/index.ts';
import type { ApiKind } from '../../../../runtime/api/kinds/kind.ts';
import { apiVersionOf, type KindTable } from '../../../../runtime/api/kinds/table.ts';
import type { Schemas } from '../../../../runtime/api/schema/schemas.ts';
import { sampleOf } from '../../../support/every-kind.ts';
import { mutated, pointersOf, typedValue } from './odd-objects.ts';
import { oddText, oddValue, once, pick, setOwn } from './odd-values.ts';

export interface OddRequest {
  method: string;
  /** With its query. */
  path: string;
  headers: Record<string, string>;
  /** undefined: no body. */
  bytes?: string;
}

/** Where the requests' objects are; nothing else happens there. */
export const FUZZED_NAMESPACE = 'fuzzed';

const WRITE_QUERY = [
  'dryRun',
  'fieldManager',
  'fieldValidation',
  'force',
  'pretty',
  'propagationPolicy',
  'gracePeriodSeconds',
];
const LIST_QUERY = [
  ...[
    'limit',
    'continue',
    'resourceVersion',
    'resourceVersionMatch',
    'labelSelector',
    'fieldSelector',
    'includeObject',
  ],
  ...['timeoutSeconds', 'allowWatchBookmarks', 'sendInitialEvents', 'pretty'],
];
const WORDS: Readonly<Record<string, readonly string[]>> = {
  dryRun: ['All', 'Some'],
  fieldManager: ['a', 'b', 'x'.repeat(129), '\0'],
  fieldValidation: ['Strict', 'Warn', 'Ignore', 'Other'],
  force: ['true', 'false', 'x'],
  propagationPolicy: ['Foreground', 'Background', 'Orphan', 'x'],
  gracePeriodSeconds: ['0', '1', '-1', '30', 'x', '1e3'],
  limit: ['0', '1', '2', '-1', '500', 'x', '99999999999999999999'],
  continue: [
    '',
    'x',
    'eyJ2IjoibWV0YS5rOHMuaW8vdjEifQ',
    Buffer.from('{"v":"meta.k8s.io/v1","rv":1,"start":"a"}').toString('base64'),
  ],
  resourceVersion: ['', '0', '-1', 'x', '1'],
  resourceVersionMatch: ['Exact', 'NotOlderThan', 'x'],
  labelSelector: [
    'a=b',
    'a in (b,c)',
    '!a',
    'a in (',
    'a=b,,',
    '__proto__=a',
    'constructor',
    'a>1',
    'a=b c',
    '=',
    'a notin ()',
  ],
  fieldSelector: [
    'metadata.name=o-0',
    'metadata.name!=o-0',
    'spec.nodeName=',
    '__proto__=a',
    'a',
    'a=b=c',
    'metadata.name=\\',
  ],
  includeObject: ['None', 'Metadata', 'Object', 'x'],
  timeoutSeconds: ['1', 'x', '-1'],
  allowWatchBookmarks: ['true', 'x'],
  sendInitialEvents: ['true', 'x'],
};
const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';
const ACCEPT = [
  ...[
    'application/json',
    TABLE,
    TABLE,
    TABLE,
    '*/*',
    '',
    'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io',
  ],
  'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io',
];
const TYPES = ['json-patch+json', 'merge-patch+json', 'strategic-merge-patch+json', 'apply-patch+yaml'];

export class OddRequests {
  readonly #random: Random;
  readonly #schemas: Schemas;
  /** Those that are kept, and those that are only asked. */
  readonly #kept: readonly ApiKind[];
  readonly #asked: readonly ApiKind[];

  constructor(random: Random, schemas: Schemas, kinds: KindTable) {
    this.#random = random;
    this.#schemas = schemas;
    const rows = [...kinds.rows()];
    this.#kept = rows.filter((kind) => sampleOf(kind, 'a'));
    this.#asked = rows.filter((kind) => !sampleOf(kind, 'a'));
  }

  next(): OddRequest {
    const random = this.#random;
    const kind = pick(random, once(random, 15) ? this.#asked : this.#kept);
    const headers: Record<string, string> = { accept: pick(random, ACCEPT), 'content-type': 'application/json' };
    const base = `${kind.group ? '/apis' : '/api'}/${apiVersionOf(kind)}${kind.namespaced ? `/namespaces/${FUZZED_NAMESPACE}` : ''}/${kind.plural}`;
    const name = `o-${random.below(2)}`;
    const sub = once(random, 3) && kind.subresources.length > 0 ? pick(random, kind.subresources) : undefined;
    const one = `${base}/${kind.plural === 'customresourcedefinitions' ? 'things.example.com' : name}${sub ? `/${sub.name}` : ''}`;
    const written = `?${this.#query(WRITE_QUERY)}`;
    switch (random.below(16)) {
      case 0:
      case 1:
        return { method: 'GET', path: `${once(random, 3) ? one : base}?${this.#query(LIST_QUERY)}`, headers };
      case 2:
        if (once(random, 8)) return { method: 'DELETE', path: `${base}?${this.#query(LIST_QUERY)}`, headers };
        return { method: 'DELETE', path: one + written, headers, bytes: text(mutated(random, DELETE_OPTIONS)) };
      case 3:
      case 4:
      case 5:
      case 6:
        return {
          method: 'POST',
          path: (sub ? one : base) + written,
          headers,
          bytes: text(this.#object(kind, name, sub?.kind)),
        };
      case 7:
      case 8:
        return { method: 'PUT', path: one + written, headers, bytes: text(this.#object(kind, name, sub?.kind)) };
      default: {
        const type = pick(random, TYPES);
        headers['content-type'] = `application/${type}`;
        const bytes = text(this.#patch(type, this.#object(kind, name, sub?.kind)));
        return { method: 'PATCH', path: `${one}${written}&fieldManager=m`, headers, bytes };
      }
    }
  }

  #query(names: readonly string[]): string {
    const random = this.#random;
    return Array.from({ length: random.below(3) }, () => {
      const name = pick(random, names);
      const value = once(random, 5) ? oddText(random) : pick(random, WORDS[name] ?? ['true']);
      return `${name}=${encodeURIComponent(value.toWellFormed())}`;
    }).join('&');
  }

  /** Half made from a valid object, half from the types; one in six as it should be. */
  #object(kind: ApiKind, name: string, as = kind.kind): Record<string, unknown> {
    const random = this.#random;
    const sample = as === kind.kind ? sampleOf(kind, name, FUZZED_NAMESPACE) : undefined;
    if (sample && once(random, 4)) return sample;
    const apiVersion = as === kind.kind ? apiVersionOf(kind) : (OTHER_VERSIONS[as] ?? 'v1');
    const definition = this.#schemas.definitionOf(apiVersion, as);
    const typed = (): Record<string, unknown> => {
      const type = { type: 'object', name: definition?.name ?? 'V1ObjectMeta' } as const;
      const made = typedValue(random, this.#schemas, type) as Record<string, unknown>;
      return typeof made === 'object' && made !== null && !Array.isArray(made) ? made : { spec: made };
    };
    if (!sample) return mutated(random, { ...typed(), apiVersion, kind: as, metadata: { name } });
    // The status is what nobody writes by hand, and so only the types make one.
    const status = definition?.fields.get('status');
    const whole =
      status && once(random, 3) ? { ...sample, status: typedValue(random, this.#schemas, status.type) } : sample;
    if (once(random, 2)) return mutated(random, whole);
    const made = typed();
    return { ...made, apiVersion, kind: kind.kind, metadata: once(random, 4) ? made.metadata : { name } };
  }

  #patch(type: string, object: Record<string, unknown>): unknown {
    const random = this.#random;
    if (type === 'apply-patch+yaml') return object;
    if (type !== 'json-patch+json') {
      if (once(random, 3)) setOwn(object, pick(random, DIRECTIVES), oddValue(random));
      if (once(random, 3) && typeof object.spec === 'object' && object.spec !== null) {
        setOwn(object.spec, pick(random, DIRECTIVES), oddValue(random));
      }
      return object;
    }
    const pointers = [
      ...pointersOf(object),
      '',
      '/',
      '/-',
      '/spec/-',
      '/__proto__/a',
      '/constructor/prototype/a',
      '/metadata/labels/a~2',
    ];
    return Array.from({ length: 1 + random.below(3) }, () => {
      const operation: Record<string, unknown> = {
        op: pick(random, ['add', 'remove', 'replace', 'move', 'copy', 'test']),
        path: pick(random, pointers),
      };
      if (!once(random, 5)) operation.value = oddValue(random);
      if (!once(random, 5)) operation.from = pick(random, pointers);
      return once(random, 20) ? mutated(random, operation) : operation;
    });
  }
}

const DELETE_OPTIONS = {
  apiVersion: 'v1',
  kind: 'DeleteOptions',
  propagationPolicy: 'Background',
  gracePeriodSeconds: 0,
  preconditions: { uid: 'a', resourceVersion: '1' },
  dryRun: ['All'],
};
const DIRECTIVES = [
  '$patch',
  '$retainKeys',
  '$setElementOrder/containers',
  '$deleteFromPrimitiveList/finalizers',
  '$setElementOrder/ports',
];
const OTHER_VERSIONS: Readonly<Record<string, string>> = {
  Scale: 'autoscaling/v1',
  Eviction: 'policy/v1',
  TokenRequest: 'authentication.k8s.io/v1',
};

function text(value: unknown): string {
  return JSON.stringify(value) ?? '';
}
