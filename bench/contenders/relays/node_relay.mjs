// A relay as people write it with Node's own http module: a request with an agent that keeps connections, piped.
import http from "node:http";
import { pipeline } from "node:stream";

const { RELAY_PORT, RELAY_UPSTREAM_PORT, RELAY_TOKEN } = process.env;
const agent = new http.Agent({ keepAlive: true });

const server = http.createServer((request, response) => {
  const asked = http.request(
    {
      host: "127.0.0.1",
      port: RELAY_UPSTREAM_PORT,
      path: request.url,
      method: request.method,
      headers: { ...request.headers, authorization: `Bearer ${RELAY_TOKEN}` },
      agent,
    },
    (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      response.flushHeaders();
      pipeline(answer, response, () => {});
    },
  );
  asked.on("error", () => {
    if (response.headersSent) response.destroy();
    else response.writeHead(502).end();
  });
  response.on("close", () => asked.destroy());
  request.pipe(asked);
});

server.listen({ host: "127.0.0.1", port: Number(RELAY_PORT), backlog: 4096 });
process.on("SIGTERM", () => {
  server.close(() => process.exit(0));
  server.closeAllConnections();
});
