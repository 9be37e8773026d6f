/**
 * The part of JSONPath that printer columns and selectable fields use: '.spec.x', "['a.b']", '[0]', '[*]',
 * '[?(@.type=="Ready")]'. Source: Kubernetes v1.36, client-go/util/jsonpath.
 */
import { isMap, shownText } from '../object.ts';

type Step = (values: readonly unknown[]) => unknown[];

/** Gives every value that the path finds; undefined for a path that cannot be read. */
export function compileJsonPath(path: string): ((object: unknown) => unknown[]) | undefined {
  const steps: Step[] = [];
  const token =
    /\.([^.[\]'"\s]+)|\['([^']*)'\]|\["([^"]*)"\]|\[(\d+)\]|(\[\*\]|\.\*)|\[\?\(@\.([^=!\s]+)\s*(==|!=)\s*["']([^"']*)["']\)\]/y;
  const text = path.startsWith('.') || path.startsWith('[') ? path : `.${path}`;
  while (token.lastIndex < text.length) {
    const match = token.exec(text);
    if (!match) return undefined;
    steps.push(stepOf(match));
  }
  return (object) => steps.reduce<unknown[]>((values, step) => step(values), [object]);
}

function stepOf([, name, single, double, index, all, field, operator, wanted]: RegExpExecArray): Step {
  const key = name ?? single ?? double;
  if (key !== undefined)
    return (values) => values.flatMap((value) => (isMap(value) && Object.hasOwn(value, key) ? [value[key]] : []));
  if (index !== undefined)
    return (values) =>
      values.flatMap((value) => (Array.isArray(value) ? value.slice(Number(index), Number(index) + 1) : []));
  if (all !== undefined)
    return (values) =>
      values.flatMap((value) => (Array.isArray(value) ? value : isMap(value) ? Object.values(value) : []));
  const inner = compileJsonPath(`.${field}`);
  const matches = (item: unknown): boolean => (shownText(inner?.(item)[0] ?? '') === wanted) === (operator === '==');
  return (values) => values.flatMap((value) => (Array.isArray(value) ? value.filter(matches) : []));
}
