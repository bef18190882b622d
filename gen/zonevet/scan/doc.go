// Package scan proposes labels for a code base that has none: it reads the names
// of fields, in Japanese, romaji and English, the names that tags give them for
// JSON, databases and protocol buffers, their types, and the columns of SQL
// tables, and says which category each field looks like.
//
// It proposes and decides nothing. A proposal says what it goes by, so that a
// person can judge it; [Patch] writes the proposals as struct tags in the form of
// a patch, and nobody applies it but that person. Structs still need a home, and
// each of their fields a label, before anything is generated.
//
// The words are data, in words.txt. Of what they propose, only the categories
// that the policy has are proposed, where there is a policy.
package scan
