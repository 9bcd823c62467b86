//! The one place through which all bodies of requests come: a client that keeps us waiting for its body gets 408 and loses its connection,
//! whoever reads the body, and a body that nobody reads ends with its answer.

use std::{
    cell::{Cell, RefCell},
    error::Error,
    io,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
};

use actix_http::ConnectionType;
use actix_web::{
    HttpMessage, HttpResponse,
    body::{BodySize, BoxBody, MessageBody},
    dev::{Payload, ServiceRequest, ServiceResponse},
    error::PayloadError,
    middleware::Next,
    web::Bytes,
};
use futures_util::Stream;

use super::{
    connection::{Answering, Exchange},
    deadline::Deadline,
    failure::WebFailure,
    input,
};

/// Middleware: times the request's body and holds on to the connection until the answer is out.
pub async fn watch<B: MessageBody + 'static>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<Watched>, actix_web::Error> {
    let Some(exchange) = request.conn_data::<Exchange>().cloned() else {
        let response = next.call(request).await?;
        return Ok(response.map_body(|_, body| Watched::unwatched(body.boxed())));
    };
    let answering = exchange.begin();
    let body = RequestBody::take(&mut request, &exchange);
    let mut response = next.call(request).await?.map_into_boxed_body();
    if body.as_ref().is_some_and(|body| body.too_slow.get()) {
        exchange.place().cut_off();
        let refused = input::refused(WebFailure::TooSlow.failure(), response.request());
        response = response.into_response(HttpResponse::from_error(refused));
    }
    if exchange.place().is_crowded() {
        let head = response.response_mut().head_mut();
        head.set_connection_type(ConnectionType::Close);
    }
    Ok(response.map_body(|_, answer| Watched {
        answer,
        _answering: Some(answering),
        _body: body,
    }))
}

/// The body of a request, shared by who reads it and the answer. As long as it is not dropped, the HTTP service does not read on behind an
/// answer for what is left of it, but closes.
#[derive(Clone)]
struct RequestBody {
    payload: Rc<RefCell<Payload>>,
    too_slow: Rc<Cell<bool>>,
}

impl RequestBody {
    /// Puts a timed body in the place of the request's; `None` for a request without one.
    fn take(request: &mut ServiceRequest, exchange: &Exchange) -> Option<Self> {
        let payload = request.take_payload();
        if matches!(payload, Payload::None) {
            return None;
        }
        let body = Self {
            payload: Rc::new(RefCell::new(payload)),
            too_slow: Rc::default(),
        };
        let timed: Pin<Box<dyn Stream<Item = Result<Bytes, PayloadError>>>> = Box::pin(TimedBody {
            body: body.clone(),
            exchange: exchange.clone(),
            deadline: Deadline::default(),
        });
        request.set_payload(timed.into());
        Some(body)
    }
}

/// The chunks of a body as they come, as long as they come in time.
struct TimedBody {
    body: RequestBody,
    exchange: Exchange,
    deadline: Deadline,
}

impl Stream for TimedBody {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        let config = this.exchange.config();
        let next = Pin::new(&mut *this.body.payload.borrow_mut()).poll_next(context);
        match &next {
            Poll::Ready(Some(Ok(chunk))) => this.deadline.extend(chunk.len(), config.minimum_rate),
            Poll::Ready(_) => {}
            Poll::Pending => {
                this.deadline.start(config.body_timeout);
                if this.deadline.has_passed(context) {
                    this.body.too_slow.set(true);
                    return Poll::Ready(Some(Err(PayloadError::Io(io::ErrorKind::TimedOut.into()))));
                }
            }
        }
        next
    }
}

/// The body of an answer, with what it holds on to until it is out.
pub struct Watched {
    answer: BoxBody,
    _answering: Option<Answering>,
    _body: Option<RequestBody>,
}

impl Watched {
    const fn unwatched(answer: BoxBody) -> Self {
        Self {
            answer,
            _answering: None,
            _body: None,
        }
    }
}

impl MessageBody for Watched {
    type Error = Box<dyn Error>;

    fn size(&self) -> BodySize {
        self.answer.size()
    }

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.get_mut().answer).poll_next(context)
    }
}
