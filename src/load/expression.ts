/** Names and functions that an expression may use. */
export type Scope = Readonly<Record<string, unknown>>;

/** A name that nobody has given a value. */
export class UnknownVariable extends Error {
  override readonly name = 'UnknownVariable';
  readonly variable: string;

  constructor(variable: string) {
    super(`there is no variable "${variable}"`);
    this.variable = variable;
  }
}

const TOKEN = /\s*(?:(\d+(?:\.\d+)?)|([A-Za-z_$][\w$]*(?:\.[\w$]+)*)|'([^']*)'|"([^"]*)"|([-+*/(),]))/y;

/** What stands between `{{` and `}}`: numbers, texts, names, calls, and `+ - * /`. Nothing that could run code. */
export function evaluate(source: string, scope: Scope): unknown {
  const tokens = tokenize(source);
  let at = 0;

  const peek = () => tokens[at]?.sign;
  const take = (sign: string) => {
    if (peek() !== sign) throw new Error(`"${sign}" is missing in {{ ${source.trim()} }}`);
    at += 1;
  };

  function sum(): unknown {
    let left = product();
    for (let sign = peek(); sign === '+' || sign === '-'; sign = peek()) {
      at += 1;
      const right = product();
      left = sign === '-' ? Number(left) - Number(right) : add(left, right);
    }
    return left;
  }

  function product(): unknown {
    let left = factor();
    for (let sign = peek(); sign === '*' || sign === '/'; sign = peek()) {
      at += 1;
      const right = factor();
      left = sign === '*' ? Number(left) * Number(right) : Number(left) / Number(right);
    }
    return left;
  }

  function factor(): unknown {
    const token = tokens[at++];
    if (token === undefined) throw new Error(`{{ ${source.trim()} }} ends too early`);
    if ('value' in token) return token.value;
    if (token.name !== undefined) return peek() === '(' ? call(token.name) : lookUp(token.name, scope);
    if (token.sign === '-') return -Number(factor());
    if (token.sign !== '(') throw new Error(`"${token.sign}" is out of place in {{ ${source.trim()} }}`);
    const inner = sum();
    take(')');
    return inner;
  }

  function call(name: string): unknown {
    const target = lookUp(name, scope);
    if (typeof target !== 'function') throw new Error(`"${name}" is no function`);
    take('(');
    const args: unknown[] = [];
    while (peek() !== ')') {
      args.push(sum());
      if (peek() === ',') at += 1;
      else break;
    }
    take(')');
    return target(...args);
  }

  const result = sum();
  if (at < tokens.length) throw new Error(`{{ ${source.trim()} }} goes on where it should end`);
  return result;
}

interface Token {
  value?: unknown;
  name?: string;
  sign?: string;
}

function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  const text = source.trim();
  while (TOKEN.lastIndex < text.length) {
    const from = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (match === null) throw new Error(`"${text.slice(from)}" cannot be read in {{ ${text} }}`);
    const [, number, name, single, double, sign] = match;
    if (number !== undefined) tokens.push({ value: Number(number) });
    else if (name !== undefined) tokens.push({ name });
    else if (sign !== undefined) tokens.push({ sign });
    else tokens.push({ value: single ?? double ?? '' });
  }
  return tokens;
}

function lookUp(name: string, scope: Scope): unknown {
  let value: unknown = scope;
  for (const part of name.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) {
      throw new UnknownVariable(name);
    }
    value = (value as Scope)[part];
  }
  return value;
}

const add = (left: unknown, right: unknown) =>
  typeof left === 'string' || typeof right === 'string' ? `${left}${right}` : Number(left) + Number(right);
