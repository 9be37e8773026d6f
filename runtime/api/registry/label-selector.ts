/**
 * Label selectors as text: 'a=b,c!=d,x in (1,2),y notin (3),z,!w,n>5'. Wrong ones are a 400.
 * Source: Kubernetes v1.36, apimachinery/pkg/labels/selector.go (Parser).
 */
import { isValidRequirement, type Requirement, type Selector } from '../../../core/index.ts';
import { badRequest } from '../http/status.ts';

const TOKEN = /\s*(!=|==|=|!|,|\(|\)|<|>|[^\s!=,()<>]+)/gy;

export function parseLabelSelector(text: string): Selector {
  return { nothing: false, requirements: new Parser(text).requirements() };
}

class Parser {
  readonly #text: string;
  readonly #tokens: string[];
  #at = 0;

  constructor(text: string) {
    this.#text = text;
    this.#tokens = [];
    TOKEN.lastIndex = 0;
    const trimmed = text.trimEnd();
    while (TOKEN.lastIndex < trimmed.length) {
      const match = TOKEN.exec(trimmed);
      if (!match) throw this.#wrong('a character that no selector has');
      this.#tokens.push(match[1]);
    }
  }

  requirements(): Requirement[] {
    const found: Requirement[] = [];
    if (this.#tokens.length === 0) return found;
    for (;;) {
      const requirement = this.#requirement();
      if (!isValidRequirement(requirement)) {
        throw this.#wrong(`'${requirement.key}' and [${requirement.values.join(', ')}] are no label's key and values`);
      }
      found.push(requirement);
      const separator = this.#next();
      if (separator === undefined) return found;
      if (separator !== ',') throw this.#wrong(`found '${separator}', expected: ',' or end`);
      if (this.#peek() === undefined) return found;
    }
  }

  #requirement(): Requirement {
    if (this.#peek() === '!') {
      this.#next();
      return { key: this.#word('identifier'), operator: 'DoesNotExist', values: [] };
    }
    const key = this.#word('identifier');
    const operator = this.#peek();
    if (operator === undefined || operator === ',') return { key, operator: 'Exists', values: [] };
    this.#next();
    switch (operator) {
      case '=':
      case '==':
        return { key, operator: 'In', values: [this.#value()] };
      case '!=':
        return { key, operator: 'NotIn', values: [this.#value()] };
      case '>':
        return { key, operator: 'Gt', values: [this.#value()] };
      case '<':
        return { key, operator: 'Lt', values: [this.#value()] };
      case 'in':
        return { key, operator: 'In', values: this.#values() };
      case 'notin':
        return { key, operator: 'NotIn', values: this.#values() };
      default:
        throw this.#wrong(`found '${operator}', expected: in, notin, =, ==, !=, gt, lt`);
    }
  }

  /** Empty values are values: 'a=' and 'a in (,b)'. */
  #value(): string {
    const next = this.#peek();
    return next === undefined || next === ',' || next === ')' ? '' : this.#word('identifier');
  }

  #values(): string[] {
    if (this.#next() !== '(') throw this.#wrong(`expected '(' after 'in' or 'notin'`);
    const values: string[] = [];
    for (;;) {
      values.push(this.#value());
      const separator = this.#next();
      if (separator === ')') return values;
      if (separator !== ',') throw this.#wrong(`found '${separator ?? ''}', expected: ',' or ')'`);
    }
  }

  #word(expected: string): string {
    const token = this.#next();
    if (token === undefined || /^[!=,()<>]/.test(token))
      throw this.#wrong(`found '${token ?? ''}', expected: ${expected}`);
    return token;
  }

  #peek(): string | undefined {
    return this.#tokens[this.#at];
  }

  #next(): string | undefined {
    return this.#tokens[this.#at++];
  }

  #wrong(why: string): Error {
    return badRequest(`unable to parse requirement: ${why} (in the label selector '${this.#text}')`);
  }
}
