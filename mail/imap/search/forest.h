#pragma once

#include <cstdint>
#include <vector>

namespace mail::imap {

/// Trees that grow together and are cut, in which the root of any node is found in logarithmic time (amortized):
/// Sleator and Tarjan's link/cut trees. So a thread of a hundred thousand messages costs no more than as many short
/// ones.
class Forest {
 public:
  using Node = std::uint32_t;
  static constexpr Node none = UINT32_MAX;

  /// Adds a node that stands alone; they are numbered from 0.
  Node add();
  std::size_t size() const { return nodes_.size(); }

  Node parent(Node node) const { return nodes_[node].above; }
  Node root(Node node);
  /// Makes a root the child of a node of another tree.
  void link(Node root, Node parent);
  /// Makes a child the root of its own tree.
  void cut(Node child);

 private:
  /// Of a splay tree that holds a path, ordered by depth; the topmost points to where the path goes on.
  struct Links {
    Node left = none;
    Node right = none;
    Node up = none;
    Node above = none;  ///< the parent in the forest
  };

  bool is_top(Node node) const;
  void rotate(Node node);
  void splay(Node node);
  void access(Node node);

  std::vector<Links> nodes_;
};

}  // namespace mail::imap
