//! HTTP/2, which a server with TLS may choose for event streams; WebSockets stay with HTTP/1.1.

use std::convert::Infallible;
use std::sync::Arc;

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper::{Request, Response, Version};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::authority::Authority;
use crate::feed::{Feed, once, summaries};

async fn answer(
    request: Request<hyper::body::Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    assert_eq!(request.version(), Version::HTTP_2);
    let event = format!("data: {}\n\n", request.uri());
    let response = Response::builder().header("content-type", "text/event-stream");
    Ok(response.body(Full::from(event)).unwrap())
}

async fn serve(listener: TcpListener, config: Arc<rustls::ServerConfig>) {
    let acceptor = TlsAcceptor::from(config);
    while let Ok((socket, _)) = listener.accept().await {
        let Ok(stream) = acceptor.accept(socket).await else {
            continue;
        };
        let connection = http2::Builder::new(TokioExecutor::new())
            .serve_connection(TokioIo::new(stream), service_fn(answer));
        tokio::spawn(connection);
    }
}

#[test]
fn an_event_stream_comes_over_http_2_where_the_server_speaks_it() {
    let authority = Authority::new();
    let mut config = authority.server(&authority.issue(&["127.0.0.1"]), false);
    config.alpn_protocols = vec![b"h2".to_vec()];
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
    let address = listener.local_addr().unwrap();
    runtime.spawn(serve(listener, Arc::new(config)));

    let mut spec = once(&format!("https://{address}/feed"));
    spec.transport.ca_file = Some(authority.file());
    let feed = Feed::connect(spec.clone());
    let records = feed.to_end();
    assert_eq!(
        summaries(&records),
        [format!("event message https://{address}/feed")]
    );

    // The client offers only HTTP/1.1 here, which this server does not support.
    spec.url = format!("wss://{address}/feed").parse().unwrap();
    let reason = Feed::connect(spec).end_reason();
    assert!(reason.starts_with("failed: TLS failed"), "{reason}");
}
