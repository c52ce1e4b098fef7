// Runs a nodejs function: loads its handler (CommonJS or ES module), then asks the Runtime API for events, one after the
// other. The API is spoken over a bare socket: it costs a cold start less than the http module, and can be unref'd while
// a handler runs, so that an empty event loop is noticed. Behaviour follows AWS's own client for Node.js: names of
// errors, shapes, log lines.
'use strict';
const net = require('net');
const path = require('path');
const fs = require('fs');
const { format } = require('util');

const prefix = '/2018-06-01/runtime/';
const environment = process.env;
const errorTypeTrailer = 'Lambda-Runtime-Function-Error-Type';
const errorBodyTrailer = 'Lambda-Runtime-Function-Error-Body';
let requestId = '';

// --- the Runtime API: one connection, one request at a time

class Api {
    constructor(address) {
        const colon = address.lastIndexOf(':');
        this.address = address;
        this.chunks = [];
        this.size = 0;
        this.answer = null;  // {resolve, head, bodyAt, total} of the request under way
        this.socket = net.connect({ host: address.slice(0, colon), port: Number(address.slice(colon + 1)), noDelay: true });
        this.socket.on('data', (chunk) => this.take(chunk));
        this.socket.on('close', () => process.exit(0));  // the server is gone
        this.socket.on('error', () => process.exit(0));
    }

    ask(method, rest, body, fields) {
        const text = body === undefined ? '' : body;
        const head = `${method} ${prefix}${rest} HTTP/1.1\r\nHost: ${this.address}\r\n${fields || ''}` +
            `Content-Length: ${Buffer.byteLength(text)}\r\n\r\n`;
        this.socket.ref();
        this.socket.cork();
        this.socket.write(head, 'latin1');
        if (text.length > 0) this.socket.write(text);
        this.socket.uncork();
        return this.awaitAnswer();
    }

    awaitAnswer() {
        return new Promise((resolve) => { this.answer = { resolve, head: null, total: 0 }; });
    }

    // Begins a request whose body comes by sendChunk() and ends with endChunks(), after which the answer is there.
    beginChunks(rest, contentType) {
        this.socket.write(`POST ${prefix}${rest} HTTP/1.1\r\nHost: ${this.address}\r\nContent-Type: ${headerSafe(contentType)}\r\n` +
            'Lambda-Runtime-Function-Response-Mode: streaming\r\nTransfer-Encoding: chunked\r\n' +
            `Trailer: ${errorTypeTrailer}, ${errorBodyTrailer}\r\n\r\n`, 'latin1');
        return this.awaitAnswer();
    }

    sendChunk(chunk, done) {
        if (chunk.length === 0) return done();
        this.socket.cork();
        this.socket.write(`${chunk.length.toString(16)}\r\n`);
        this.socket.write(chunk);
        this.socket.write('\r\n', done);
        this.socket.uncork();
    }

    endChunks(trailers) {
        this.socket.ref();
        this.socket.write(`0\r\n${trailers || ''}\r\n`, 'latin1');
    }

    take(chunk) {
        this.chunks.push(chunk);
        this.size += chunk.length;
        const answer = this.answer;
        if (answer === null) return;
        if (answer.head === null) {
            const all = this.chunks.length === 1 ? chunk : Buffer.concat(this.chunks);
            this.chunks = [all];
            const end = all.indexOf('\r\n\r\n');
            if (end < 0) return;
            const lines = all.latin1Slice(0, end).split('\r\n');
            answer.status = Number(lines[0].split(' ')[1]);
            answer.head = {};
            for (let i = 1; i < lines.length; ++i) {
                const colon = lines[i].indexOf(':');
                answer.head[lines[i].slice(0, colon).toLowerCase()] = lines[i].slice(colon + 1).trim();
            }
            answer.bodyAt = end + 4;
            answer.total = end + 4 + Number(answer.head['content-length'] || 0);
        }
        if (this.size < answer.total) return;
        const all = this.chunks.length === 1 ? this.chunks[0] : Buffer.concat(this.chunks);
        this.chunks = all.length > answer.total ? [all.subarray(answer.total)] : [];
        this.size = all.length - answer.total;
        this.answer = null;
        this.socket.unref();
        answer.resolve({ status: answer.status, headers: answer.head, body: all.utf8Slice(answer.bodyAt, answer.total) });
    }
}

// --- log lines

const jsonLogs = String(environment.AWS_LAMBDA_LOG_FORMAT).toUpperCase() === 'JSON';

function textLine(level, args) {
    const text = format(...args).replace(/\n/g, '\r');  // \r: one log event of several lines
    return `${new Date().toISOString()}\t${requestId || 'undefined'}\t${level}\t${text}`;
}

function loggedError(error) {
    return {
        errorType: error instanceof Fault ? error.name : (error.constructor && error.constructor.name) || 'UnknownError',
        errorMessage: error.message,
        stackTrace: typeof error.stack === 'string' ? error.stack.split('\n') : [],
    };
}

// One argument is told as it is, several as console.log would print them; an error among these is told beside them.
function jsonLine(level, args) {
    const line = { timestamp: new Date().toISOString(), level, requestId: requestId || undefined };
    if (args.length === 1) {
        try {
            const shown = (_, value) => value instanceof Error ? { ...loggedError(value), ...value } : value;
            return JSON.stringify({ ...line, message: args[0] }, shown);
        } catch {
            return JSON.stringify({ ...line, message: format(args[0]) });  // it is circular, or has what JSON has not
        }
    }
    const error = args.find((one) => one instanceof Error);
    return JSON.stringify({ ...line, message: format(...args), ...(error ? loggedError(error) : {}) });
}

function patchConsole() {
    const order = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];
    const levels = { trace: 'TRACE', debug: 'DEBUG', log: 'INFO', info: 'INFO', warn: 'WARN', error: 'ERROR', fatal: 'FATAL' };
    const least = order.indexOf(String(environment.AWS_LAMBDA_LOG_LEVEL).toUpperCase());
    const line = jsonLogs ? jsonLine : textLine;
    for (const [name, level] of Object.entries(levels)) {
        const silent = order.indexOf(level) < least;
        console[name] = silent ? () => {} : (...args) => { fs.writeSync(1, line(level, args) + '\n'); };
    }
}

function errorType(error) {
    return error instanceof Error && error.name ? error.name : error instanceof Error ? 'Error' : typeof error;
}

function describe(error) {
    if (!(error instanceof Error) && !(error && error.stack && error.message)) {
        return { errorType: typeof error, errorMessage: String(error), trace: [] };
    }
    return {
        errorType: errorType(error),
        errorMessage: String(error.message),
        trace: String(error.stack || '').split('\n'),
    };
}

function logError(what, error) {
    if (jsonLogs) return console.error(error instanceof Error ? error : new Error(String(error)));
    const own = error instanceof Error ? Object.fromEntries(Object.entries(error)) : {};
    const shape = describe(error);
    console.error(`${what} \t${JSON.stringify({ errorType: shape.errorType, errorMessage: shape.errorMessage, ...own,
        stack: shape.trace })}`);
}

class Fault extends Error {
    constructor(name, message, cause) {
        super(message);
        this.name = name;
        if (cause && cause.stack) this.stack = cause.stack.replace(/^[^\n]*/, `${name}: ${message}`);
    }
}

// --- the handler

function isModulePackage(file) {
    for (let folder = path.dirname(file); ; folder = path.dirname(folder)) {
        const manifest = path.join(folder, 'package.json');
        if (fs.existsSync(manifest)) {
            try {
                return JSON.parse(fs.readFileSync(manifest, 'utf8')).type === 'module';
            } catch {
                return false;
            }
        }
        if (folder === path.dirname(folder)) return false;
    }
}

// ES modules are not looked for along NODE_PATH; AWS's runtime does that from Node 18 on, so that they may lie in layers. As
// text: it is a module of its own, which a thread of Node's runs, and started only where a layer has modules.
const layerResolver = `
const folders = (process.env.NODE_PATH || '').split(':').filter((one) => one.endsWith('/node_modules'));
export async function resolve(name, context, next) {
    try {
        return await next(name, context);
    } catch (error) {
        if (error.code !== 'ERR_MODULE_NOT_FOUND' || /^([./#]|[a-z]+:)/.test(name)) throw error;
        for (const folder of folders) {
            try {
                return await next(name, { ...context, parentURL: new URL('file://' + folder + '/../from.mjs').href });
            } catch {}
        }
        throw error;
    }
}`;

async function importModule(file) {
    const folders = (environment.NODE_PATH || '').split(':');
    const { register } = require('module');
    if (register && folders.some((folder) => folder && fs.existsSync(folder))) {
        register('data:text/javascript,' + encodeURIComponent(layerResolver));
    }
    return import(file);
}

async function load(root, name) {
    const file = path.resolve(root, name);
    try {
        if (fs.existsSync(file + '.js') && isModulePackage(file)) return await importModule(file + '.js');
        if (!fs.existsSync(file + '.js') && fs.existsSync(file + '.mjs')) return await importModule(file + '.mjs');
        if (!fs.existsSync(file + '.js') && fs.existsSync(file + '.cjs')) return require(file + '.cjs');
        return require(fs.existsSync(file + '.js') || fs.existsSync(file) ? file : require.resolve(name, { paths: [root] }));
    } catch (error) {
        if (error instanceof SyntaxError) throw new Fault('Runtime.UserCodeSyntaxError', `SyntaxError: ${error.message}`, error);
        if (error && (error.code === 'MODULE_NOT_FOUND' || error.code === 'ERR_MODULE_NOT_FOUND')) {
            throw new Fault('Runtime.ImportModuleError', `Error: ${error.message}`, error);
        }
        throw error;
    }
}

async function findHandler(root, text) {
    const folder = text.lastIndexOf('/') + 1;
    const match = /^([^.]*)\.(.+)$/.exec(text.slice(folder));
    if (!match || text.includes('..')) throw new Fault('Runtime.MalformedHandlerName', `'${text}' is not a valid handler name. Use module.function.`);
    const module = await load(root, text.slice(0, folder) + match[1]);
    let found = module;
    for (const part of match[2].split('.')) found = found === undefined || found === null ? undefined : found[part];
    if (found === undefined && module.default) found = match[2].split('.').reduce((value, part) => value && value[part], module.default);
    if (found === undefined || found === null) throw new Fault('Runtime.HandlerNotFound', `${text} is undefined or not exported`);
    if (typeof found !== 'function') throw new Fault('Runtime.HandlerNotFound', `${text} is not a function`);
    return found;
}

// The AWS SDK of version 2 does not read AWS_ENDPOINT_URL; version 3 does.
function prepareOldSdk() {
    const Module = require('module');
    const usual = Module._load;
    const seen = new WeakSet();
    Module._load = function (request, ...rest) {
        const loaded = usual.call(this, request, ...rest);
        const sdk = loaded && typeof loaded === 'object' && !seen.has(loaded) && /(^aws-sdk|core$|global$)/.test(request) &&
            loaded.VERSION && loaded.Service && loaded.config && typeof loaded.config.update === 'function';
        if (sdk && environment.AWS_ENDPOINT_URL) {
            seen.add(loaded);
            loaded.config.update({ endpoint: environment.AWS_ENDPOINT_URL, s3ForcePathStyle: true });
        }
        return loaded;
    };
}

function makeContext(headers, state) {
    const deadline = Number(headers['lambda-runtime-deadline-ms']);
    const json = (name) => headers[name] ? JSON.parse(Buffer.from(headers[name], 'latin1').toString('utf8')) : undefined;
    return {
        get callbackWaitsForEmptyEventLoop() { return state.waits; },
        set callbackWaitsForEmptyEventLoop(value) { state.waits = value; },
        succeed: (result) => state.finish(null, result, true),
        fail: (error) => state.finish(error === undefined || error === null ? 'handled' : error, undefined, true),
        done: (error, result) => state.finish(error, result, true),
        functionVersion: environment.AWS_LAMBDA_FUNCTION_VERSION,
        functionName: environment.AWS_LAMBDA_FUNCTION_NAME,
        memoryLimitInMB: environment.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
        logGroupName: environment.AWS_LAMBDA_LOG_GROUP_NAME,
        logStreamName: environment.AWS_LAMBDA_LOG_STREAM_NAME,
        clientContext: json('lambda-runtime-client-context'),
        identity: json('lambda-runtime-cognito-identity'),
        invokedFunctionArn: headers['lambda-runtime-invoked-function-arn'],
        awsRequestId: requestId,
        getRemainingTimeInMillis: () => deadline - Date.now(),
    };
}

let whenEmpty = null;  // runs when the event loop has nothing left

// Resolves to {error} or {result}.
function run(handler, event, headers) {
    return new Promise((resolve) => {
        const state = { waits: true, finished: false };
        const settle = (outcome, wait) => {
            if (state.finished) return;
            state.finished = true;
            const now = () => { whenEmpty = null; resolve(outcome); };
            if (wait) whenEmpty = now; else now();
        };
        state.finish = (error, result, at_once) =>
            settle(error !== null && error !== undefined ? { error } : { result }, !at_once && state.waits && !error);
        whenEmpty = () => settle({ result: null }, false);
        try {
            const returned = handler(event, makeContext(headers, state), (error, result) => state.finish(error, result, false));
            if (returned && typeof returned.then === 'function') {
                returned.then((result) => settle({ result }, false), (error) => settle({ error, thrown: true }, false));
            }
        } catch (error) {
            settle({ error, thrown: true }, false);
        }
    });
}

// --- answers that are streamed

const streaming = Symbol.for('aws.lambda.runtime.handler.streaming');
const highWaterMark = Symbol.for('aws.lambda.runtime.handler.streaming.highWaterMark');

const asBytes = (chunk) => typeof chunk === 'string' || chunk instanceof Uint8Array ? chunk : JSON.stringify(chunk);

// What went wrong, as trailers: all that a stream may have are 64 KB, so long errors are told in short.
function errorTrailers(shape) {
    const type = String(shape.errorType).slice(0, 256);
    let body = Buffer.from(JSON.stringify(shape));
    if (body.length > 44 << 10) {
        const trace = (shape.trace || []).filter((line) => line.length <= 200).slice(0, 10);
        const short = { errorType: type, errorMessage: shape.errorMessage.slice(0, 4000), trace };
        body = Buffer.from(JSON.stringify(short));
    }
    return `${errorTypeTrailer}: ${headerSafe(type)}\r\n${errorBodyTrailer}: ${body.toString('base64')}\r\n`;
}

// What a streaming handler writes to. Its request begins with its first bytes, so that the content type can still be set.
function makeResponseStream(api, options) {
    const { Writable } = require('stream');
    return new class ResponseStream extends Writable {
        constructor() {
            super({ highWaterMark: options.highWaterMark });
            this.contentType = 'application/octet-stream';
            this.answered = null;
            this.trailers = '';
        }
        setContentType(contentType) {
            if (this.answered !== null) throw new Fault('Runtime.InvalidStreamingOperation', 'Cannot set content-type, too late.');
            this.contentType = contentType;
        }
        write(chunk, ...rest) {
            return super.write(asBytes(chunk), ...rest);
        }
        end(chunk, ...rest) {
            return super.end(chunk === undefined || chunk === null || typeof chunk === 'function' ? chunk : asBytes(chunk), ...rest);
        }
        begin() {
            if (this.answered !== null) return;
            this.answered = api.beginChunks(`invocation/${requestId}/response`, this.contentType);
            if (typeof this._onBeforeFirstWrite === 'function') {
                this._onBeforeFirstWrite((bytes) => api.sendChunk(Buffer.from(bytes), () => {}));
            }
        }
        _write(chunk, encoding, callback) {
            this.begin();
            api.sendChunk(chunk, callback);
        }
        _final(callback) {
            this.begin();
            api.endChunks(this.trailers);
            callback();
        }
        // Ends it, after what has been written, with what went wrong.
        async fail(error) {
            const shape = describe(error);
            this.trailers = errorTrailers(shape);
            if (this.answered === null) this._onBeforeFirstWrite = undefined;
            if (this.destroyed) {
                this.begin();
                api.endChunks(this.trailers);
            } else if (!this.writableFinished) {
                await new Promise((resolve) => { this.once('finish', resolve); this.end(); });
            }
            await this.answered;
        }
    }();
}

// HttpResponseStream.from(stream, {statusCode, headers, cookies}): what function URLs make an HTTP response's head of.
const HttpResponseStream = {
    from(stream, prelude) {
        stream.setContentType('application/vnd.awslambda.http-integration-response');
        const text = JSON.stringify(prelude) || '{}';  // of undefined there is no JSON
        stream._onBeforeFirstWrite = (write) => { write(text); write(new Uint8Array(8)); };
        return stream;
    },
};

async function runStreaming(api, handler, event, headers) {
    const stream = makeResponseStream(api, { highWaterMark: handler[highWaterMark] });
    api.stream = stream;
    const state = { waits: true, finish: () => {} };
    const ended = new Promise((resolve) => {
        stream.on('finish', resolve);
        stream.on('error', () => {});
    });
    try {
        await new Promise((resolve, reject) => {
            whenEmpty = () => reject(new Fault('Runtime.StreamError', 'Response stream is not finished.'));
            const context = makeContext(headers, state);
            for (const name of ['succeed', 'fail', 'done']) delete context[name];  // an answer has one way out
            const returned = handler(event, stream, context);
            if (!returned || typeof returned.then !== 'function') {
                throw new Fault('Runtime.StreamError', 'Streaming does not support non-async handlers.');
            }
            returned.then((result) => {
                if (result !== undefined) console.warn('Streaming handlers ignore return values.');
                if (stream.destroyed && !stream.writableFinished) {
                    throw new Fault('Runtime.StreamError', 'Response stream is not finished.');
                }
                return ended;
            }).then(resolve, reject);
        });
        whenEmpty = null;
        await stream.answered;
    } catch (error) {
        whenEmpty = null;
        logError('Invoke Error', error);
        await stream.fail(error);  // does nothing where it comes too late
        stream.destroy();
    }
    api.stream = null;
}

function headerSafe(text) {
    return String(text).replace(/[^\x20-\x7e]/g, ' ');
}

const jsonField = 'Content-Type: application/json\r\n';
const errorFields = (shape) => `${jsonField}Lambda-Runtime-Function-Error-Type: ${headerSafe(shape.errorType)}\r\n`;

async function serve(api, handler) {
    const { status, headers, body } = await api.ask('GET', 'invocation/next');
    if (status !== 200) process.exit(1);
    requestId = headers['lambda-runtime-aws-request-id'];
    api.serving = true;
    if (headers['lambda-runtime-trace-id']) environment._X_AMZN_TRACE_ID = headers['lambda-runtime-trace-id'];
    else delete environment._X_AMZN_TRACE_ID;
    if (handler[streaming] === 'response') {
        await runStreaming(api, handler, JSON.parse(body), headers);
        api.serving = false;
        return;
    }
    let outcome;
    try {
        outcome = await run(handler, JSON.parse(body), headers);
    } catch (error) {
        outcome = { error };
    }
    let text;
    if (!('error' in outcome)) {
        try {
            text = JSON.stringify(outcome.result === undefined ? null : outcome.result);
            if (text === undefined) text = 'null';
        } catch {
            outcome = { error: new Error('Unable to stringify response body') };
        }
    }
    api.serving = false;
    if (!('error' in outcome)) {
        await api.ask('POST', `invocation/${requestId}/response`, text, jsonField);
    } else {
        const shape = describe(outcome.error);
        logError('Invoke Error', outcome.error);
        await api.ask('POST', `invocation/${requestId}/error`, JSON.stringify(shape), errorFields(shape));
    }
}

async function main() {
    const api = new Api(environment.AWS_LAMBDA_RUNTIME_API);
    patchConsole();
    prepareOldSdk();
    globalThis.awslambda = {
        streamifyResponse(handler, options) {
            handler[streaming] = 'response';
            if (options && options.highWaterMark) handler[highWaterMark] = Number(options.highWaterMark);
            return handler;
        },
        HttpResponseStream,
    };
    let handler;
    let api_free = true;
    const fatal = async (what, name, error, status) => {
        const shape = describe(error);
        if (name) shape.errorType = name;
        logError(what, error);
        if (!api_free || (requestId && !api.serving)) process.exit(status);
        api_free = false;
        if (api.stream) {
            await api.stream.fail(error);
            process.exit(status);
        }
        const where = requestId ? `invocation/${requestId}/error` : 'init/error';
        await api.ask('POST', where, JSON.stringify(shape), errorFields(shape));
        process.exit(status);
    };
    process.on('uncaughtException', (error) => fatal('Uncaught Exception', '', error, 129));
    process.on('unhandledRejection', (reason) => {
        const error = new Fault('Runtime.UnhandledPromiseRejection', String(reason), reason);
        fatal('Unhandled Promise Rejection', '', error, 128);
    });
    process.on('beforeExit', () => { if (whenEmpty) { const now = whenEmpty; whenEmpty = null; now(); } });
    try {
        handler = await findHandler(environment.LAMBDA_TASK_ROOT, environment._HANDLER);
    } catch (error) {
        requestId = '';
        await fatal('Uncaught Exception', '', error, 1);
    }
    for (;;) await serve(api, handler);
}

main();
