/** Names that stand in URLs and host names. Source: Kubernetes v1.36, apimachinery/pkg/util/validation/validation.go. */
export const LABEL_RULE =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character";

/** A DNS-1035 label. */
export function isLabel(text: unknown): boolean {
  return typeof text === 'string' && text.length <= 63 && /^[a-z]([-a-z0-9]*[a-z0-9])?$/.test(text);
}
