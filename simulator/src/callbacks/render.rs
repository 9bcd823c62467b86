//! Renders inner and outer callback messages as XML (with or without CDATA) or JSON (reference §6.5, §6.6).

use quick_xml::escape::escape;
use serde_json::{Map, Value, json};

use crate::world::Switches;

/// One element of a message.
#[derive(Debug, Clone)]
pub(super) struct Node {
    name: &'static str,
    content: Content,
}

#[derive(Debug, Clone)]
enum Content {
    Text(String),
    Number(String),
    Group(Vec<Node>),
}

impl Node {
    pub(super) fn text(name: &'static str, value: &str) -> Self {
        Self {
            name,
            content: Content::Text(value.to_owned()),
        }
    }

    pub(super) fn number(name: &'static str, value: impl ToString) -> Self {
        Self {
            name,
            content: Content::Number(value.to_string()),
        }
    }

    pub(super) fn group(name: &'static str, children: Vec<Self>) -> Self {
        Self {
            name,
            content: Content::Group(children),
        }
    }

    fn xml(&self, cdata: bool) -> String {
        let inner = match &self.content {
            Content::Text(text) if cdata => format!("<![CDATA[{}]]>", text.replace("]]>", "]]]]><![CDATA[>")),
            Content::Text(text) => escape(text.as_str()).into_owned(),
            Content::Number(number) => number.clone(),
            Content::Group(children) => children.iter().map(|child| child.xml(cdata)).collect(),
        };
        format!("<{0}>{inner}</{0}>", self.name)
    }

    fn json(&self) -> Value {
        match &self.content {
            Content::Text(text) => json!(text),
            Content::Number(number) => number.parse::<u64>().map_or_else(|_| json!(number), Value::from),
            Content::Group(children) => children_json(children),
        }
    }
}

fn children_json(nodes: &[Node]) -> Value {
    Value::Object(
        nodes
            .iter()
            .map(|node| (node.name.to_owned(), node.json()))
            .collect::<Map<_, _>>(),
    )
}

/// The message before encryption.
pub(super) fn message(nodes: &[Node], switches: &Switches) -> String {
    if switches.json_callbacks {
        return children_json(nodes).to_string();
    }
    format!(
        "<xml>{}</xml>",
        nodes.iter().map(|node| node.xml(switches.cdata)).collect::<String>()
    )
}

/// The request body: receiver, agentid, cipher text.
pub(super) fn outer(to: &str, agentid: Option<&str>, encrypted: &str, switches: &Switches) -> String {
    if switches.json_callbacks {
        let agentid = agentid.and_then(|text| text.parse::<u32>().ok()).unwrap_or_default();
        return json!({"tousername": to, "encrypt": encrypted, "agentid": agentid}).to_string();
    }
    let mut nodes = vec![Node::text("ToUserName", to), Node::text("Encrypt", encrypted)];
    if let Some(agentid) = agentid {
        nodes.insert(1, Node::text("AgentID", agentid));
    }
    message(&nodes, switches)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_cannot_break_out() {
        let node = [Node::text("Name", "a]]><b>&")];
        let plain = Switches {
            cdata: false,
            ..Switches::default()
        };
        assert_eq!(message(&node, &plain), "<xml><Name>a]]&gt;&lt;b&gt;&amp;</Name></xml>");
        let cdata = message(&node, &Switches::default());
        assert_eq!(cdata, "<xml><Name><![CDATA[a]]]]><![CDATA[><b>&]]></Name></xml>");
    }
}
