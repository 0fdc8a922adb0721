#include "mail/imap/search/forest.h"

namespace mail::imap {

Forest::Node Forest::add() {
  nodes_.emplace_back();
  return static_cast<Node>(nodes_.size() - 1);
}

bool Forest::is_top(Node node) const {
  const Node up = nodes_[node].up;
  return up == none || (nodes_[up].left != node && nodes_[up].right != node);
}

void Forest::rotate(Node node) {
  const Node up = nodes_[node].up;
  const Node above = nodes_[up].up;
  const bool top = is_top(up);
  const bool is_left = nodes_[up].left == node;
  const Node moved = is_left ? nodes_[node].right : nodes_[node].left;
  (is_left ? nodes_[up].left : nodes_[up].right) = moved;
  if (moved != none) nodes_[moved].up = up;
  (is_left ? nodes_[node].right : nodes_[node].left) = up;
  nodes_[up].up = node;
  nodes_[node].up = above;
  if (!top) (nodes_[above].left == up ? nodes_[above].left : nodes_[above].right) = node;
}

void Forest::splay(Node node) {
  while (!is_top(node)) {
    const Node up = nodes_[node].up;
    if (!is_top(up)) {
      const Node above = nodes_[up].up;
      const bool same_side = (nodes_[up].left == node) == (nodes_[above].left == up);
      rotate(same_side ? up : node);
    }
    rotate(node);
  }
}

/// The path from the root to the node becomes one splay tree, with the node on top.
void Forest::access(Node node) {
  Node below = none;
  for (Node at = node; at != none; at = nodes_[at].up) {
    splay(at);
    nodes_[at].right = below;
    below = at;
  }
  splay(node);
}

Forest::Node Forest::root(Node node) {
  access(node);
  while (nodes_[node].left != none) node = nodes_[node].left;
  splay(node);
  return node;
}

void Forest::link(Node root, Node parent) {
  access(root);
  nodes_[root].up = parent;
  nodes_[root].above = parent;
}

void Forest::cut(Node child) {
  access(child);
  const Node left = nodes_[child].left;
  if (left != none) nodes_[left].up = none;
  nodes_[child].left = none;
  nodes_[child].above = none;
}

}  // namespace mail::imap
