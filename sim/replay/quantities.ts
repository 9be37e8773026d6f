/** Quantities of recorded objects: written as one, not negative, and no larger than 64 bits. Other rules of the API are not asked. */
import { INT64_MAX, NANO, parseQuantity } from '../../core/index.ts';

type Fields = Record<string, unknown>;

/** Problems as [path below the object, message]. The object is a node or a pod of any shape. */
export function quantityProblems(object: Fields): [string, string][] {
  const spec = at(object, 'spec');
  const status = at(object, 'status');
  const lists: [string, Fields][] = [
    ['status.allocatable', at(status, 'allocatable')],
    ['status.capacity', at(status, 'capacity')],
    ['spec.overhead', at(spec, 'overhead')],
    ...requirements('spec.resources', at(spec, 'resources')),
    ...containers('spec.containers', spec.containers),
    ...containers('spec.initContainers', spec.initContainers),
  ];
  return lists.flatMap(([path, list]) =>
    Object.entries(list).flatMap(([name, quantity]): [string, string][] => {
      const problem = problemOf(quantity);
      return problem ? [[`${path}.${name}`, problem]] : [];
    }),
  );
}

function containers(path: string, value: unknown): [string, Fields][] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((container, i) => requirements(`${path}[${i}].resources`, at(asFields(container), 'resources')));
}

function requirements(path: string, resources: Fields): [string, Fields][] {
  return [
    [`${path}.requests`, at(resources, 'requests')],
    [`${path}.limits`, at(resources, 'limits')],
  ];
}

function problemOf(quantity: unknown): string | undefined {
  const text = String(quantity).slice(0, 60);
  const nano = typeof quantity === 'string' || typeof quantity === 'number' ? parseQuantity(quantity) : undefined;
  if (nano === undefined) return `'${text}' is not a quantity`;
  if (nano < 0n) return `'${text}' is negative`;
  return nano > INT64_MAX * NANO ? `'${text}' does not fit 64 bits` : undefined;
}

function at(fields: Fields, name: string): Fields {
  return asFields(fields[name]);
}

function asFields(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}
