/**
 * Label and field selectors of a request's query, as one test over objects. What cannot be read is a 400.
 * Source: Kubernetes v1.36, apimachinery/pkg/labels/selector.go (Parse), apimachinery/pkg/fields/selector.go.
 */
import { selectorMatches } from '../../../core/index.ts';
import { badRequest } from '../http/status.ts';
import type { ApiKind } from '../kinds/kind.ts';
import { type ApiObject, valueAt } from '../object.ts';
import { parseLabelSelector } from './label-selector.ts';

export interface FieldRequirement {
  field: string;
  equal: boolean;
  value: string;
}

export interface Selection {
  /** Everything is selected: no test is needed. */
  everything: boolean;
  matches(object: ApiObject): boolean;
  /** The only name that can match, where the fields say so. */
  name?: string;
  /** The only namespace that can match, where the fields say so. */
  namespace?: string;
}

export const EVERYTHING: Selection = { everything: true, matches: () => true };

/** @param kind as the objects are shown to the request, whose fields can be selected. */
export function selectionOf(kind: ApiKind, labelSelector = '', fieldSelector = ''): Selection {
  if (!labelSelector && !fieldSelector) return EVERYTHING;
  const labels = labelSelector ? parseLabelSelector(labelSelector) : undefined;
  const fields = fieldSelector ? parseFieldSelector(fieldSelector) : [];
  for (const { field } of fields) {
    if (!isSelectable(kind, field)) {
      throw badRequest(`field label not supported: ${field}`);
    }
  }
  const only = (wanted: string): string | undefined =>
    fields.find(({ field, equal, value }) => field === wanted && equal && value !== '')?.value;
  return {
    everything: fields.length === 0 && labels?.requirements.length === 0,
    name: only('metadata.name'),
    namespace: only('metadata.namespace'),
    matches(object) {
      for (const { field, equal, value } of fields) if ((fieldOf(object, field) === value) !== equal) return false;
      return labels === undefined || selectorMatches(labels, object.metadata.labels);
    },
  };
}

function isSelectable(kind: ApiKind, field: string): boolean {
  if (field === 'metadata.name') return true;
  return (field === 'metadata.namespace' && kind.namespaced) || kind.selectableFields.includes(field);
}

/** What fields read that an object leaves out, where that is not ''. */
const WHEN_ABSENT: Readonly<Record<string, string>> = {
  'spec.unschedulable': 'false',
  'spec.hostNetwork': 'false',
  'status.replicas': '0',
  'status.successful': '0',
};

function fieldOf(object: ApiObject, field: string): string {
  if (field === 'metadata.name') return object.metadata.name;
  if (field === 'metadata.namespace') return object.metadata.namespace ?? '';
  if (object.kind === 'Event' && field === 'source') {
    return textOf(valueAt(object, 'source.component')) || textOf(valueAt(object, 'reportingComponent'));
  }
  if (object.kind === 'Job' && field === 'status.successful') return textOf(valueAt(object, 'status.succeeded')) || '0';
  return textOf(valueAt(object, field)) || (WHEN_ABSENT[field] ?? '');
}

function textOf(value: unknown): string {
  return typeof value === 'string'
    ? value
    : typeof value === 'number' || typeof value === 'boolean'
      ? String(value)
      : '';
}

/** 'a=b,c!=d', with '\' before a comma, an equals sign or itself where they belong to a value. Empty terms are ignored. */
export function parseFieldSelector(text: string): FieldRequirement[] {
  const requirements: FieldRequirement[] = [];
  for (const term of splitTerms(text)) {
    if (term === '') continue;
    const match = /^((?:[^\\=!]|\\.)*?)(!=|==|=)(.*)$/s.exec(term);
    if (!match) throw badRequest(`invalid field selector: '${text}'; can't understand '${term}'`);
    requirements.push({ field: match[1].trim(), equal: match[2] !== '!=', value: unescaped(match[3], text) });
  }
  return requirements;
}

function splitTerms(text: string): string[] {
  const terms: string[] = [];
  let term = '';
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '\\') term += text[i] + (text[++i] ?? '');
    else if (text[i] === ',') {
      terms.push(term);
      term = '';
    } else term += text[i];
  }
  return [...terms, term];
}

function unescaped(value: string, text: string): string {
  return value.replace(/\\(.?)/gs, (_, next: string) => {
    if (next !== '\\' && next !== ',' && next !== '=')
      throw badRequest(`invalid field selector: invalid escape sequence in value '${value}' of '${text}'`);
    return next;
  });
}
