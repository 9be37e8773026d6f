/**
 * What an API server fills into an object that is created: name, uid, times, defaults, the first status. Names and uids
 * are drawn from the seed. Source: Kubernetes v1.36, apiserver/pkg/registry/rest/create.go, names/generate.go.
 */
import {
  applyDefaults,
  type DefaultsContext,
  type Deployment,
  type KubeObject,
  type Namespace,
  type Pod,
  Random,
  type Service,
} from '../../../core/index.ts';
import { timeText } from './time-text.ts';

/** Letters of generated names: none that makes a word. */
const LETTERS = 'bcdfghjklmnpqrstvwxz2456789';
const SUFFIX_LENGTH = 5;
/** What a generated name is made from is cut to this, so that the name stays a label. */
const PREFIX_LENGTH = 58;

export class Creation {
  readonly #random: Random;
  #addresses = 0;
  #services = 0;

  constructor(seed: number) {
    this.#random = new Random(seed);
  }

  /** Keeps the uid, name and times that the object has: those of a dump. */
  finish(object: KubeObject, context: DefaultsContext, nowMs: number): KubeObject {
    const { name, generateName = '', uid, creationTimestamp, generation } = object.metadata;
    const metadata = {
      ...object.metadata,
      name: name || generateName.slice(0, PREFIX_LENGTH) + this.#suffix(),
      uid: uid || this.#uid(),
      creationTimestamp: creationTimestamp || timeText(nowMs),
      generation: generation ?? 1,
    };
    const fill = FILLERS[`${object.apiVersion} ${object.kind}`];
    const filled = applyDefaults({ ...object, metadata }, context);
    if (object.apiVersion === 'v1' && object.kind === 'Service') return this.#withAddress(filled as Service);
    return fill ? fill(filled) : filled;
  }

  /** A cluster of one family of addresses. */
  #withAddress(service: Service): Service {
    const { spec = {} } = service;
    const { type = 'ClusterIP', ipFamilies = ['IPv4'], ipFamilyPolicy = 'SingleStack' } = spec;
    if (type === 'ExternalName') return service;
    const clusterIP = spec.clusterIP || this.#serviceAddress();
    const { clusterIPs = [clusterIP] } = spec;
    return { ...service, spec: { ...spec, clusterIP, clusterIPs, ipFamilies, ipFamilyPolicy } };
  }

  #serviceAddress(): string {
    const n = ++this.#services;
    return `10.${96 + (n >> 16)}.${(n >> 8) & 255}.${n & 255}`;
  }

  /** No two pods have the same; of 10.128.0.0/9. */
  podAddress(): string {
    const n = ++this.#addresses;
    return `10.${128 + ((n >> 16) & 127)}.${(n >> 8) & 255}.${n & 255}`;
  }

  #suffix(): string {
    return Array.from({ length: SUFFIX_LENGTH }, () => LETTERS[this.#random.below(LETTERS.length)]).join('');
  }

  #uid(): string {
    const hex = Array.from({ length: 4 }, () => this.#random.next().toString(16).padStart(8, '0')).join('');
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
  }
}

const FILLERS: Readonly<Record<string, (object: KubeObject) => KubeObject>> = {
  'v1 Pod': (object) => {
    const pod = object as Pod;
    return { ...pod, status: { ...pod.status, phase: pod.status?.phase ?? 'Pending' } } as KubeObject;
  },
  'v1 Namespace': (object) => {
    const { spec, status } = object as Namespace & { spec?: { finalizers?: string[] } };
    return {
      ...object,
      spec: { ...spec, finalizers: spec?.finalizers ?? ['kubernetes'] },
      status: { phase: 'Active', ...(status as object | undefined) },
    } as KubeObject;
  },
  'apps/v1 Deployment': (object) => {
    const { spec } = object as Deployment;
    const { type = 'RollingUpdate', rollingUpdate } = spec.strategy ?? {};
    const pace = { maxUnavailable: '25%', maxSurge: '25%', ...rollingUpdate };
    const strategy = type === 'RollingUpdate' ? { type, rollingUpdate: pace } : { type };
    const own = { revisionHistoryLimit: 10, progressDeadlineSeconds: 600, ...spec, strategy };
    return { ...object, spec: own } as KubeObject;
  },
};
