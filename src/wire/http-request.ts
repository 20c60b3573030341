import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import type { HttpAnswer } from './errors.ts';

/** No answer that a wire waits for is longer; what comes after is left out. */
const BODY_MAX_CHARACTERS = 100 * 1024 * 1024;

/** Sends one HTTP request and reads the whole answer. */
export function requestText(url: URL, options: https.RequestOptions, body?: string): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const { request } = url.protocol === 'https:' ? https : http;
    request(url, options, (answer) => {
      readText(answer).then((text) => {
        if (answer.complete) resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: text });
        else reject(Object.assign(new Error('the answer broke off'), { code: 'ECONNRESET' }));
      });
    })
      .on('error', reject)
      .end(body);
  });
}

/** The body, or as much of it as came before the connection broke. */
function readText(answer: IncomingMessage): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    answer
      .setEncoding('utf8')
      .on('data', (chunk: string) => {
        if (text.length < BODY_MAX_CHARACTERS) text += chunk;
      })
      .on('error', () => {})
      .on('close', () => resolve(text));
  });
}
