// A bare Express route that parses the same JSON as `POST /api/emit` and answers as much.
import express from 'express';
import { serveOrders } from './control.js';

const app = express();
app.post('/api/emit', express.json(), (request, response) => {
  response.json({ ok: typeof request.body.event === 'string', recipients: 0 });
});
const http = app.listen(0, '127.0.0.1', () => {
  serveOrders({ url: `http://127.0.0.1:${http.address().port}`, send() {} });
});
