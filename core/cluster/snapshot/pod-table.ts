/**
 * Placed pods as columns. What pods of one make have in common (labels, spec, status) is stored once; what differs from
 * pod to pod stands in columns. Pods come out as whole objects again, those of one make and node with one spec.
 */
import type { ObjectMeta, Pod, PodSpec } from '../../objects/types.ts';
import type { PlacedPods } from './content.ts';
import { packIndex, packStrings, unpackColumn, type ValueColumn, ValueTable } from './value-column.ts';

/** As it stands in the payload. */
export interface PodTable {
  /** Names of places that are no nodes; place p is nodes[p], and after those absent[p - nodes.length]. */
  absent: readonly string[];
  /** Pairs: a place, and how many of the next pods are there. */
  runs: Int32Array;
  /** Fields of a make, FIELDS for each: ids in the four tables (-1: no status), and which fields are its pods' own. */
  makes: Int32Array;
  tops: readonly unknown[];
  metadatas: readonly unknown[];
  specs: readonly unknown[];
  statuses: readonly unknown[];
  /** Per pod. */
  make: NonNullable<ValueColumn['index']>;
  names: ValueColumn;
  uids: ValueColumn;
  resourceVersions: ValueColumn;
  creationTimestamps: ValueColumn;
  startTimes: ValueColumn;
  /** null where the key is the uid. */
  keys: ValueColumn;
  /** Which pods are assumed. */
  assumed: Int32Array;
}

const FIELDS = 5;

const OWN_NAME = 1;
const OWN_UID = 2;
const OWN_VERSION = 4;
const OWN_CREATION = 8;
const OWN_START = 16;
/** spec.nodeName is the name of the place. */
const OWN_NODE = 32;

/** @param nodeNames of the places that are nodes. */
export function packPods(placed: PlacedPods, nodeNames: readonly string[]): PodTable {
  const writer = new PodWriter(nodeNames);
  placed((pod, key, nodeName, assumed) => writer.add(pod, key, nodeName, assumed));
  return writer.finish();
}

class PodWriter {
  readonly #places: Map<string, number>;
  readonly #absent: string[] = [];
  readonly #runs: number[] = [];
  readonly #makes: number[] = [];
  readonly #makeIds = new Map<string, number>();
  readonly #tops = new ValueTable();
  readonly #metadatas = new ValueTable();
  readonly #specs = new ValueTable();
  readonly #statuses = new ValueTable();
  readonly #make: number[] = [];
  readonly #names: (string | null)[] = [];
  readonly #uids: (string | null)[] = [];
  readonly #versions: (string | null)[] = [];
  readonly #creations: (string | null)[] = [];
  readonly #starts: (string | null)[] = [];
  readonly #keys: (string | null)[] = [];
  readonly #assumed: number[] = [];

  constructor(nodeNames: readonly string[]) {
    this.#places = new Map(nodeNames.map((name, place) => [name, place]));
  }

  add(pod: Pod, key: string, nodeName: string, assumed: boolean): void {
    this.#enter(this.#placeOf(nodeName));
    if (assumed) this.#assumed.push(this.#make.length);
    const { metadata, spec, status } = pod;
    const own = ownFields(pod, nodeName);
    const top = { ...pod, metadata: null, spec: null, ...(status && { status: null }) };
    const isPlacedBySpec = spec.nodeName === undefined || (own & OWN_NODE) !== 0;
    const ids = [
      this.#tops.idOf(top),
      this.#metadatas.idOf(metadataRest(metadata, own)),
      this.#specs.idOf((own & OWN_NODE) === 0 ? spec : { ...spec, nodeName: null }, isPlacedBySpec ? spec : undefined),
      status ? this.#statuses.idOf((own & OWN_START) === 0 ? status : { ...status, startTime: null }) : -1,
      own,
    ];
    this.#make.push(this.#makeOf(ids));
    this.#names.push((own & OWN_NAME) === 0 ? null : metadata.name);
    this.#uids.push((own & OWN_UID) === 0 ? null : (metadata.uid as string));
    this.#versions.push((own & OWN_VERSION) === 0 ? null : (metadata.resourceVersion as string));
    this.#creations.push((own & OWN_CREATION) === 0 ? null : (metadata.creationTimestamp as string));
    this.#starts.push((own & OWN_START) === 0 ? null : (status?.startTime as string));
    this.#keys.push(key === metadata.uid ? null : key);
  }

  finish(): PodTable {
    return {
      absent: this.#absent,
      runs: Int32Array.from(this.#runs),
      makes: Int32Array.from(this.#makes),
      tops: this.#tops.values,
      metadatas: this.#metadatas.values,
      specs: this.#specs.values,
      statuses: this.#statuses.values,
      make: packIndex(Int32Array.from(this.#make), this.#makeIds.size),
      names: packStrings(this.#names),
      uids: packStrings(this.#uids),
      resourceVersions: packStrings(this.#versions),
      creationTimestamps: packStrings(this.#creations),
      startTimes: packStrings(this.#starts),
      keys: packStrings(this.#keys),
      assumed: Int32Array.from(this.#assumed),
    };
  }

  #placeOf(nodeName: string): number {
    let place = this.#places.get(nodeName);
    if (place === undefined) {
      place = this.#places.size;
      this.#places.set(nodeName, place);
      this.#absent.push(nodeName);
    }
    return place;
  }

  #enter(place: number): void {
    const last = this.#runs.length - 2;
    if (this.#runs[last] === place) this.#runs[last + 1]++;
    else this.#runs.push(place, 1);
  }

  #makeOf(ids: readonly number[]): number {
    const text = ids.join();
    let make = this.#makeIds.get(text);
    if (make === undefined) {
      this.#makeIds.set(text, (make = this.#makeIds.size));
      this.#makes.push(...ids);
    }
    return make;
  }
}

/** Fields that stand in columns: strings only, so that whatever else an object holds comes back as it was. */
function ownFields({ metadata, spec, status }: Pod, nodeName: string): number {
  let own = typeof metadata.name === 'string' ? OWN_NAME : 0;
  if (typeof metadata.uid === 'string') own |= OWN_UID;
  if (typeof metadata.resourceVersion === 'string') own |= OWN_VERSION;
  if (typeof metadata.creationTimestamp === 'string') own |= OWN_CREATION;
  if (typeof status?.startTime === 'string') own |= OWN_START;
  return spec.nodeName === nodeName ? own | OWN_NODE : own;
}

/** Keys keep their places, so that the objects that come back have them in the same order. */
function metadataRest(metadata: ObjectMeta, own: number): object {
  return {
    ...metadata,
    ...((own & OWN_NAME) !== 0 && { name: null }),
    ...((own & OWN_UID) !== 0 && { uid: null }),
    ...((own & OWN_VERSION) !== 0 && { resourceVersion: null }),
    ...((own & OWN_CREATION) !== 0 && { creationTimestamp: null }),
  };
}

/** The pods of a table, as packPods was given them. */
export function unpackPods(table: PodTable, nodeNames: readonly string[]): PlacedPods {
  return (each) => {
    const reader = new PodReader(table);
    const assumed = new Set(table.assumed);
    const { runs, absent } = table;
    let i = 0;
    for (let run = 0; run < runs.length; run += 2) {
      const place = runs[run];
      const nodeName = place < nodeNames.length ? nodeNames[place] : absent[place - nodeNames.length];
      const end = i + runs[run + 1];
      for (; i < end; i++) {
        const pod = reader.podAt(i, nodeName);
        each(pod, reader.keyAt(i, pod), nodeName, assumed.has(i), table.make[i]);
      }
    }
  };
}

/** A make while its pods are read: what the last of them was given, for those that are given the same. */
interface Stamp {
  top: Pod;
  metadata: ObjectMeta;
  spec: PodSpec;
  status: NonNullable<Pod['status']> | undefined;
  own: number;
}

class PodReader {
  readonly #table: PodTable;
  readonly #stamps: Stamp[] = [];
  readonly #nameAt: (row: number) => unknown;
  readonly #uidAt: (row: number) => unknown;
  readonly #versionAt: (row: number) => unknown;
  readonly #creationAt: (row: number) => unknown;
  readonly #startAt: (row: number) => unknown;
  readonly #keyAt: (row: number) => unknown;

  constructor(table: PodTable) {
    this.#table = table;
    this.#nameAt = unpackColumn(table.names);
    this.#uidAt = unpackColumn(table.uids);
    this.#versionAt = unpackColumn(table.resourceVersions);
    this.#creationAt = unpackColumn(table.creationTimestamps);
    this.#startAt = unpackColumn(table.startTimes);
    this.#keyAt = unpackColumn(table.keys);
    const { makes, tops, metadatas, specs, statuses } = table;
    for (let at = 0; at < makes.length; at += FIELDS) {
      this.#stamps.push({
        top: tops[makes[at]] as Pod,
        metadata: metadatas[makes[at + 1]] as ObjectMeta,
        spec: specs[makes[at + 2]] as PodSpec,
        status: statuses[makes[at + 3]] as Stamp['status'],
        own: makes[at + 4],
      });
    }
  }

  podAt(i: number, nodeName: string): Pod {
    const stamp = this.#stamps[this.#table.make[i]];
    const { own } = stamp;
    if ((own & OWN_NODE) !== 0 && stamp.spec.nodeName !== nodeName) stamp.spec = { ...stamp.spec, nodeName };
    const pod = { ...stamp.top, metadata: this.#metadataAt(i, stamp), spec: stamp.spec };
    if (stamp.status) pod.status = this.#statusAt(i, stamp, stamp.status);
    return pod;
  }

  keyAt(i: number, { metadata }: Pod): string {
    return (this.#keyAt(i) as string | null) ?? (metadata.uid as string);
  }

  #metadataAt(i: number, { metadata: common, own }: Stamp): ObjectMeta {
    const metadata = { ...common };
    if ((own & OWN_NAME) !== 0) metadata.name = this.#nameAt(i) as string;
    if ((own & OWN_UID) !== 0) metadata.uid = this.#uidAt(i) as string;
    if ((own & OWN_VERSION) !== 0) metadata.resourceVersion = this.#versionAt(i) as string;
    if ((own & OWN_CREATION) !== 0) metadata.creationTimestamp = this.#creationAt(i) as string;
    return metadata;
  }

  #statusAt(i: number, stamp: Stamp, last: NonNullable<Pod['status']>): Pod['status'] {
    if ((stamp.own & OWN_START) === 0) return last;
    const startTime = this.#startAt(i) as string;
    if (last.startTime !== startTime) stamp.status = { ...last, startTime };
    return stamp.status;
  }
}
