/**
 * Cluster addresses and node ports for Services. A number belongs to one Service; its TCP and UDP ports may share it.
 * What a cluster had is restored from its Services; nothing else is kept.
 * Source: Kubernetes v1.36, pkg/registry/core/service/storage/alloc.go.
 */
import { ApiError, type Problem } from '../../errors.ts';
import { parseIp } from '../../objects/ip.ts';
import { type IPFamily, namespaceOf, type Service, type ServicePort, type ServiceSpec } from '../../objects/types.ts';
import type { Random } from '../../random.ts';
import { carryOver, hasAddress, hasNodePorts, isAsked, needsHealthCheck } from './carry-over.ts';
import { type Complaint, chooseFamilies, lacking } from './families.ts';
import {
  type AddressRange,
  addressAt,
  addressRange,
  offsetOf,
  type PooledRange,
  type PortRange,
  portRange,
} from './ranges.ts';

export const DEFAULT_SERVICE_CIDRS: readonly string[] = ['10.96.0.0/12'];

export interface AllocatorOptions {
  /** One, or one for each family; the first is the default. DEFAULT_SERVICE_CIDRS by default. */
  serviceCidrs?: readonly string[];
  /** '30000-32767' by default. */
  nodePorts?: string;
  random: Random;
}

/** The first address is the API server's own Service's. */
const API_SERVER = 'default/kubernetes';

/** A number that a Service asks for by name. */
interface Asked {
  range: PooledRange;
  offset: bigint;
  owner: string;
}

export class ServiceAllocator {
  readonly #ranges: ReadonlyMap<IPFamily, AddressRange>;
  readonly #ports: PortRange;
  readonly #random: Random;

  /** @throws ApiError when a range is malformed. */
  constructor({ serviceCidrs = DEFAULT_SERVICE_CIDRS, nodePorts = '30000-32767', random }: AllocatorOptions) {
    const problems: Problem[] = [];
    const ranges = new Map<IPFamily, AddressRange>();
    const refuse = (path: string, message: string): number => problems.push({ path, message, severity: 'error' });
    serviceCidrs.forEach((text, i) => {
      const range = addressRange(text);
      if (typeof range === 'string') refuse(`serviceCidrs[${i}]`, range);
      else if (ranges.has(range.family)) refuse(`serviceCidrs[${i}]`, `a second ${range.family} range`);
      else ranges.set(range.family, range);
    });
    if (serviceCidrs.length === 0) refuse('serviceCidrs', 'must not be empty');
    const ports = portRange(nodePorts);
    if (typeof ports === 'string') refuse('nodePorts', ports);
    if (problems.length > 0 || typeof ports === 'string') throw new ApiError('Invalid', problems);
    this.#ranges = ranges;
    this.#ports = ports;
    this.#random = random;
    this.#reserveFirst();
  }

  /**
   * Takes what the Services have. The first to have a number keeps it.
   * @returns every number that is in no range, or has two owners.
   */
  restore(services: Iterable<Service>): Problem[] {
    const problems: Problem[] = [];
    for (const service of services) {
      const complaints: Complaint[] = [];
      for (const { range, offset, owner } of this.#asked(service, complaints)) range.pool.take(offset, owner);
      problems.push(...complaints.map((complaint) => problemOf(service, complaint)));
    }
    return problems;
  }

  /**
   * The Service with families, cluster addresses and node ports filled in; it has passed validation and defaults.
   * What `previous` had and it does not have is given back.
   * @throws ApiError with every problem: a number that is taken or in no range, a range that is full, a family that the
   * cluster lacks, an address that changed. Then nothing was taken or given back.
   */
  assign(service: Service, previous?: Service): Service {
    const complaints: Complaint[] = [];
    const merged = previous ? carryOver(service, previous) : service;
    const spec = this.#withFamilies(merged.spec ?? {}, previous?.spec, complaints);
    if (previous) checkUnchanged(spec, previous.spec ?? {}, complaints);
    const wanted: Service = { ...merged, spec };
    const asked = this.#asked(wanted, complaints);
    refuse(service, complaints);
    const before = this.#owned(service);
    for (const { range, offset, owner } of asked) range.pool.take(offset, owner);
    this.#fillAddresses(wanted, spec, complaints);
    this.#fillPorts(wanted, spec, complaints);
    if (complaints.length > 0) this.#keepOnly(service, before);
    refuse(service, complaints);
    this.#keepOnly(service, this.#ownedAfter(wanted));
    return wanted;
  }

  /** Gives back all that a Service has. */
  release(service: Service): void {
    this.#keepOnly(service, new Map());
  }

  /** The Service that has the address; undefined when it is free or in no range. */
  ownerOfAddress(address: string): string | undefined {
    for (const range of this.#ranges.values()) {
      const offset = offsetOf(range, address);
      if (offset !== undefined) return range.pool.ownerOf(offset);
    }
    return undefined;
  }

  /** The Service that has the node port, or has its health checked there. */
  ownerOfNodePort(port: number): string | undefined {
    return this.#ports.pool.ownerOf(BigInt(port - this.#ports.first));
  }

  // --- what a Service asks for -------------------------------------------------------------------------------------

  #withFamilies(spec: ServiceSpec, previous: ServiceSpec | undefined, complaints: Complaint[]): ServiceSpec {
    if (!hasAddress(spec)) return { ...spec };
    const asked = { ...spec, clusterIPs: spec.clusterIPs?.length ? spec.clusterIPs : addressesOf(spec) };
    const before = previous && hasAddress(previous) ? previous : undefined;
    return { ...spec, ...chooseFamilies(asked, before, [...this.#ranges.keys()], complaints) };
  }

  /** Numbers by name, all free or its own; what is not is a complaint. */
  #asked(service: Service, complaints: Complaint[]): Asked[] {
    const { spec = {} } = service;
    const asked: Asked[] = [];
    const ask = (range: PooledRange, offset: bigint | undefined, owner: string, what: string, path: string): void => {
      if (offset === undefined) {
        complaints.push({ path, message: `${what} is not in the range ${range.name}` });
        return;
      }
      const other =
        range.pool.ownerOf(offset) ?? asked.find((one) => one.range === range && one.offset === offset)?.owner;
      if (other !== undefined && other !== owner) {
        complaints.push({ path, message: `${what} is already allocated to ${other}` });
      } else {
        asked.push({ range, offset, owner });
      }
    };
    addressesOf(spec).forEach((address, i) => {
      const family = parseIp(address)?.family ?? 'IPv4';
      const range = this.#ranges.get(family);
      const path = `clusterIPs[${i}]`;
      if (range) ask(range, offsetOf(range, address), ownerOf(service), address, path);
      else if (!complaints.some((complaint) => complaint.path === path)) complaints.push(lacking(path, family));
    });
    if (hasNodePorts(spec)) {
      spec.ports?.forEach((port, i, ports) => {
        const { nodePort } = port;
        if (!nodePort) return;
        const path = `ports[${i}].nodePort`;
        if (isAsked(nodePort, port, ports.slice(0, i)))
          complaints.push({ path, message: `${nodePort} is asked for twice` });
        ask(this.#ports, this.#portOffset(nodePort), ownerOf(service), `${nodePort}`, path);
      });
    }
    const { healthCheckNodePort: health } = spec;
    if (needsHealthCheck(spec) && health) {
      ask(this.#ports, this.#portOffset(health), healthOwnerOf(service), `${health}`, 'healthCheckNodePort');
    }
    return asked;
  }

  #portOffset(port: number): bigint | undefined {
    const offset = BigInt(port - this.#ports.first);
    return offset >= 0n && offset < this.#ports.pool.size ? offset : undefined;
  }

  // --- what it gets without asking ---------------------------------------------------------------------------------

  #fillAddresses(service: Service, spec: ServiceSpec, complaints: Complaint[]): void {
    if (!hasAddress(spec) || spec.clusterIP === 'None') {
      if (spec.clusterIP === 'None') spec.clusterIPs = ['None'];
      return;
    }
    const addresses = [...addressesOf(spec)];
    (spec.ipFamilies ?? []).forEach((family, i) => {
      if (addresses[i]) return;
      const range = this.#ranges.get(family as IPFamily) as AddressRange;
      const offset = range.pool.next(ownerOf(service), this.#random);
      if (offset === undefined) complaints.push({ path: `clusterIPs[${i}]`, message: full(range, 'addresses') });
      else addresses[i] = addressAt(range, offset);
    });
    spec.clusterIPs = addresses;
    spec.clusterIP = addresses[0];
  }

  #fillPorts(service: Service, spec: ServiceSpec, complaints: Complaint[]): void {
    const next = (owner: string, path: string): number => {
      const offset = this.#ports.pool.next(owner, this.#random);
      if (offset === undefined) complaints.push({ path, message: full(this.#ports, 'ports') });
      return offset === undefined ? 0 : this.#ports.first + Number(offset);
    };
    if (hasNodePorts(spec) && spec.ports) {
      const unasked = spec.type === 'NodePort' || spec.allocateLoadBalancerNodePorts !== false;
      const ports: ServicePort[] = [];
      for (const [i, port] of spec.ports.entries()) {
        const nodePort = port.nodePort || (unasked && sharedNodePort(port, ports, spec.ports));
        const given = nodePort || (unasked && next(ownerOf(service), `ports[${i}].nodePort`));
        ports.push(given ? { ...port, nodePort: given } : port);
      }
      spec.ports = ports;
    }
    if (needsHealthCheck(spec)) spec.healthCheckNodePort ||= next(healthOwnerOf(service), 'healthCheckNodePort');
  }

  // --- giving back -------------------------------------------------------------------------------------------------

  #owned(service: Service): Map<PooledRange, Map<string, ReadonlySet<bigint>>> {
    const owners = [ownerOf(service), healthOwnerOf(service)];
    return new Map(
      this.#all().map((range) => [range, new Map(owners.map((owner) => [owner, range.pool.ownedBy(owner)]))]),
    );
  }

  #ownedAfter(service: Service): Map<PooledRange, Map<string, ReadonlySet<bigint>>> {
    const owned = new Map<PooledRange, Map<string, Set<bigint>>>();
    for (const { range, offset, owner } of this.#asked(service, [])) {
      const byOwner = owned.get(range) ?? new Map<string, Set<bigint>>();
      byOwner.set(owner, (byOwner.get(owner) ?? new Set()).add(offset));
      owned.set(range, byOwner);
    }
    return owned;
  }

  #keepOnly(service: Service, keep: ReadonlyMap<PooledRange, ReadonlyMap<string, ReadonlySet<bigint>>>): void {
    for (const range of this.#all()) {
      for (const owner of [ownerOf(service), healthOwnerOf(service)]) {
        range.pool.release(owner, keep.get(range)?.get(owner));
      }
    }
    this.#reserveFirst();
  }

  #reserveFirst(): void {
    const [first] = this.#ranges.values();
    first.pool.take(0n, API_SERVER);
  }

  #all(): PooledRange[] {
    return [...this.#ranges.values(), this.#ports];
  }
}

function ownerOf(service: Service): string {
  return `${namespaceOf(service)}/${service.metadata.name}`;
}

/** The health check is no port of the Service's own, and shares its number with none of them. */
function healthOwnerOf(service: Service): string {
  return `the health check of ${ownerOf(service)}`;
}

/** Those that are given; none for a headless Service. */
function addressesOf({ type, clusterIP, clusterIPs }: ServiceSpec): string[] {
  const given = clusterIPs?.length ? clusterIPs : clusterIP ? [clusterIP] : [];
  return type === 'ExternalName' || given[0] === 'None' ? [] : given.filter((address) => address !== '');
}

/** One number for the protocols of one port, where that is free for this one. */
function sharedNodePort(
  port: ServicePort,
  given: readonly ServicePort[],
  all: readonly ServicePort[],
): number | undefined {
  const ports = [...given, ...all.slice(given.length)];
  const shared = ports.find((other) => other.port === port.port && other.nodePort)?.nodePort;
  return shared && !isAsked(shared, port, ports) ? shared : undefined;
}

/** Addresses are for life, unless the Service has none in between. */
function checkUnchanged(spec: ServiceSpec, before: ServiceSpec, complaints: Complaint[]): void {
  if (!hasAddress(spec) || !hasAddress(before)) return;
  const change = (path: string, was: string | undefined, now: string | undefined): void => {
    if (was && now && was !== now) complaints.push({ path, message: `cannot change from ${was} to ${now}` });
  };
  change('clusterIP', before.clusterIP, spec.clusterIP);
  change('clusterIPs[1]', before.clusterIPs?.[1], spec.clusterIPs?.[1]);
}

function full({ pool, name }: PooledRange, what: string): string {
  return `the range ${name} is full: all its ${pool.size} ${what} are allocated`;
}

function refuse(service: Service, complaints: readonly Complaint[]): void {
  if (complaints.length > 0) {
    throw new ApiError(
      'Invalid',
      complaints.map((complaint) => problemOf(service, complaint)),
    );
  }
}

function problemOf(service: Service, { path, message }: Complaint): Problem {
  return { object: `service ${ownerOf(service)}`, path: `spec.${path}`, message, severity: 'error' };
}
